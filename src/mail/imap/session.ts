// IMAP before the relay: the not-authenticated state of RFC 3501, as nginx keeps it.

import { secretCopy } from '../../core/secret.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { Parse } from '../command/parse.ts';
import type { Outcome, ProtocolLines, ProtocolSession } from '../protocol.ts';
import { AUTH, REFUSED, SaslExchange, saslPrompts } from '../sasl/exchange.ts';
import type { BackendMechanism } from '../session/backend-auth.ts';
import { capabilitiesOf } from '../session/capabilities.ts';
import type { Dialogue, LoginOptions } from '../session/dialogue.ts';
import type { Session } from '../session/session.ts';
import type { ImapConf } from './conf.ts';
import { imapLogin } from './login.ts';
import { ImapCommand, ImapParser } from './parser.ts';

export const IMAP_LINES: ProtocolLines = {
  internalError: Buffer.from('* BAD internal server error\r\n'),
  certificateError: Buffer.from('* BYE SSL certificate error\r\n'),
  noCertificate: Buffer.from('* BYE No required SSL certificate\r\n'),
  ended: Buffer.from('* BYE Session ended by the administrator\r\n'),
};

const GREETING = Buffer.from('* OK IMAP4 ready\r\n');
const BYE = Buffer.from('* BYE\r\n');
const COMPLETED = Buffer.from('OK completed\r\n');
const INVALID = Buffer.from('BAD invalid command\r\n');
const LITERAL = Buffer.from('+ OK\r\n');
const CRLF = Buffer.from('\r\n');
const NO = Buffer.from('NO ');
const EMPTY = Buffer.alloc(0);
const PROMPTS = saslPrompts('+ ');

export class ImapSession implements ProtocolSession {
  readonly literalReply = LITERAL;
  readonly emptyStatusDenies = true;
  readonly needsPassword = true;
  readonly passwordMechanism = 'login';
  readonly bufferSize: number;
  readonly #session: Session;
  readonly #conf: ImapConf;
  readonly #parser = new ImapParser();
  readonly #sasl: SaslExchange;
  /** Of the LOGIN or AUTHENTICATE at hand, with its space: the final reply and the backend get it. */
  #loginTag: Buffer | undefined;
  /** Instead of the tag in the buffer. A fault in the user name line of AUTHENTICATE LOGIN has none, as in nginx. */
  #faultTag: Buffer | undefined;

  constructor(session: Session, conf: ImapConf) {
    this.#session = session;
    this.#conf = conf;
    this.bufferSize = conf.bufferSize;
    this.#sasl = new SaslExchange(session, PROMPTS, conf.auth);
  }

  /** The whole of an AUTHENTICATE exchange has to fit in the buffer. */
  get keepsBuffer(): boolean {
    return this.#sasl.active;
  }

  get closesAfterInvalid(): boolean {
    return this.#parser.closeAfterInvalid || this.#sasl.endsWithAnswer;
  }

  get lineStart(): number {
    return this.#parser.lineStart;
  }

  get inSasl(): boolean {
    return this.#sasl.active;
  }

  greeting(): Buffer {
    return GREETING;
  }

  parse(buffer: LineBuffer): Parse {
    return this.#sasl.active ? this.#parser.parseContinuation(buffer) : this.#parser.parse(buffer);
  }

  execute(buffer: LineBuffer): Outcome {
    const parser = this.#parser;
    if (this.#sasl.active) {
      this.#faultTag = this.#sasl.awaitsLoginUser ? EMPTY : this.#lostTag;
      const outcome = this.#sasl.next(parser.args.get(buffer, 0));
      if (outcome.kind !== 'refused') this.#faultTag = undefined;
      return outcome;
    }
    switch (parser.command) {
      case ImapCommand.noop:
        return this.#completed(buffer);
      case ImapCommand.capability:
        return this.#completed(buffer, capabilitiesOf(this.#session, this.#conf.capability));
      case ImapCommand.logout:
        return {
          kind: 'quit',
          bytes: Buffer.concat([BYE, parser.tag(buffer), COMPLETED]),
        };
      case ImapCommand.starttls:
        if (!this.#session.offersStarttls) return REFUSED;
        return {
          kind: 'starttls',
          bytes: Buffer.concat([parser.tag(buffer), COMPLETED]),
        };
      case ImapCommand.login:
        return this.#login(buffer);
      case ImapCommand.authenticate:
        if (this.#session.loginNeedsTls || parser.args.count === 0) return REFUSED;
        this.#loginTag = Buffer.from(parser.tag(buffer));
        return this.#sasl.begin(parser.args, buffer);
      default:
        return REFUSED;
    }
  }

  #login(buffer: LineBuffer): Outcome {
    const parser = this.#parser;
    if (this.#session.loginNeedsTls || parser.args.count !== 2) return REFUSED;
    const user = parser.args.get(buffer, 0);
    if (user.length === 0) return REFUSED;
    this.#loginTag = Buffer.from(parser.tag(buffer));
    this.#session.use('plain', user, secretCopy(parser.args.get(buffer, 1)), undefined, true);
    return AUTH;
  }

  #completed(buffer: LineBuffer, before?: Buffer): Outcome {
    const tagged = [this.#parser.tag(buffer), COMPLETED];
    return {
      kind: 'reply',
      bytes: Buffer.concat(before === undefined ? tagged : [before, ...tagged]),
    };
  }

  invalid(buffer: LineBuffer): Buffer {
    const tag = this.#faultTag ?? this.#lostTag ?? this.#parser.tag(buffer);
    const line = Buffer.concat([tag, INVALID]);
    this.restart();
    return line;
  }

  forgetClear(): void {
    this.restart();
  }

  restart(): void {
    this.#faultTag = undefined;
    this.#sasl.cancel();
  }

  denied(text: Buffer): Buffer {
    return Buffer.concat([this.#tag(), NO, text, CRLF]);
  }

  login(options: LoginOptions, mechanism: BackendMechanism): Dialogue | undefined {
    return imapLogin(this.#tag(), this.#session.credentials, options.imapLogin, mechanism);
  }

  tellError(error: Buffer, refusal: Buffer, isLast: boolean): Buffer {
    return this.#sasl.tellError(error, refusal, isLast);
  }

  /** Of the AUTHENTICATE whose error the client was told: the buffer has started over since. */
  get #lostTag(): Buffer | undefined {
    return this.#sasl.awaitsAcknowledgement ? this.#tag() : undefined;
  }

  #tag(): Buffer {
    return this.#loginTag ?? Buffer.from('* ');
  }
}
