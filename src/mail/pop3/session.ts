// POP3 before the relay: the states of RFC 1939's AUTHORIZATION, as nginx keeps them.

import { ownCopy } from '../../core/own-copy.ts';
import { secretCopy } from '../../core/secret.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { Parse } from '../command/parse.ts';
import type { Outcome, ProtocolLines, ProtocolSession } from '../protocol.ts';
import { AUTH, REFUSED, SaslExchange, saslPrompts } from '../sasl/exchange.ts';
import type { BackendMechanism } from '../session/backend-auth.ts';
import { capabilitiesOf } from '../session/capabilities.ts';
import type { Dialogue, LoginOptions } from '../session/dialogue.ts';
import type { Session } from '../session/session.ts';
import type { Pop3Conf } from './conf.ts';
import { pop3Login } from './login.ts';
import { Pop3Command, Pop3Parser } from './parser.ts';

export const POP3_LINES: ProtocolLines = {
  internalError: Buffer.from('-ERR internal server error\r\n'),
  certificateError: Buffer.from('-ERR SSL certificate error\r\n'),
  noCertificate: Buffer.from('-ERR No required SSL certificate\r\n'),
  ended: Buffer.from('-ERR Session ended by the administrator\r\n'),
};

const OK = Buffer.from('+OK\r\n');
const GREETING = Buffer.from('+OK POP3 ready\r\n');
const INVALID = Buffer.from('-ERR invalid command\r\n');
const PROMPTS = saslPrompts('+ ');
const OK_REPLY: Outcome = { kind: 'reply', bytes: OK };
const QUIT: Outcome = { kind: 'quit', bytes: OK };
const STARTTLS: Outcome = { kind: 'starttls', bytes: OK };

export class Pop3Session implements ProtocolSession {
  readonly bufferSize: number;
  readonly keepsBuffer = false;
  readonly emptyStatusDenies = true;
  readonly needsPassword = true;
  readonly passwordMechanism = 'login';
  readonly #session: Session;
  readonly #conf: Pop3Conf;
  readonly #parser = new Pop3Parser();
  readonly #sasl: SaslExchange;
  /** What USER gave. */
  #user: Buffer | undefined;

  constructor(session: Session, conf: Pop3Conf) {
    this.#session = session;
    this.#conf = conf;
    this.bufferSize = conf.bufferSize;
    this.#sasl = new SaslExchange(session, PROMPTS, conf.auth);
  }

  get closesAfterInvalid(): boolean {
    return this.#sasl.endsWithAnswer;
  }

  get lineStart(): number {
    return this.#parser.lineStart;
  }

  get inSasl(): boolean {
    return this.#sasl.active;
  }

  greeting(): Buffer {
    const { auth } = this.#conf;
    if (!auth.has('apop') && !auth.has('cram-md5')) return GREETING;
    return Buffer.from(`+OK POP3 ready ${this.#sasl.salt().toString('latin1')}\r\n`, 'latin1');
  }

  parse(buffer: LineBuffer): Parse {
    return this.#sasl.active ? this.#parser.parseContinuation(buffer) : this.#parser.parse(buffer);
  }

  execute(buffer: LineBuffer): Outcome {
    if (this.#sasl.active) return this.#sasl.next(this.#parser.args.get(buffer, 0));
    return this.#user === undefined ? this.#atStart(buffer) : this.#afterUser(buffer, this.#user);
  }

  #atStart(buffer: LineBuffer): Outcome {
    const parser = this.#parser;
    switch (parser.command) {
      case Pop3Command.user:
        if (this.#session.loginNeedsTls || parser.args.count !== 1) return REFUSED;
        this.#user = Buffer.from(parser.args.get(buffer, 0));
        this.#session.login = this.#user;
        return OK_REPLY;
      case Pop3Command.apop:
        return this.#apop(buffer);
      case Pop3Command.auth:
        return this.#auth(buffer);
      case Pop3Command.capa:
        return { kind: 'reply', bytes: capabilitiesOf(this.#session, this.#conf.capa) };
      case Pop3Command.noop:
        return OK_REPLY;
      case Pop3Command.quit:
        return QUIT;
      case Pop3Command.stls:
        return this.#session.offersStarttls ? STARTTLS : REFUSED;
      default:
        return REFUSED;
    }
  }

  #afterUser(buffer: LineBuffer, user: Buffer): Outcome {
    const parser = this.#parser;
    switch (parser.command) {
      case Pop3Command.pass:
        if (parser.args.count !== 1) return REFUSED;
        this.#session.use('plain', user, secretCopy(parser.args.get(buffer, 0)), undefined, true);
        return AUTH;
      case Pop3Command.capa:
        return { kind: 'reply', bytes: this.#conf.capa.withoutStarttls };
      case Pop3Command.noop:
        return OK_REPLY;
      case Pop3Command.quit:
        return QUIT;
      default:
        return REFUSED;
    }
  }

  #apop(buffer: LineBuffer): Outcome {
    const parser = this.#parser;
    if (this.#session.loginNeedsTls || parser.args.count !== 2 || !this.#conf.auth.has('apop')) return REFUSED;
    this.#session.use('apop', parser.args.get(buffer, 0), ownCopy(parser.args.get(buffer, 1)), this.#sasl.salt());
    return AUTH;
  }

  #auth(buffer: LineBuffer): Outcome {
    const parser = this.#parser;
    if (this.#session.loginNeedsTls) return REFUSED;
    if (parser.args.count === 0) return { kind: 'reply', bytes: this.#conf.methods };
    return this.#sasl.begin(parser.args, buffer);
  }

  invalid(): Buffer {
    this.restart();
    return INVALID;
  }

  forgetClear(): void {
    this.restart();
  }

  restart(): void {
    this.#user = undefined;
    this.#sasl.cancel();
  }

  denied(text: Buffer): Buffer {
    return Buffer.concat([Buffer.from('-ERR '), text, Buffer.from('\r\n')]);
  }

  tellError(error: Buffer, refusal: Buffer, isLast: boolean): Buffer {
    return this.#sasl.tellError(error, refusal, isLast);
  }

  login(_options: LoginOptions, mechanism: BackendMechanism): Dialogue | undefined {
    return pop3Login(this.#session.credentials, mechanism);
  }
}
