// SMTP before the relay: HELO, AUTH, or MAIL and RCPT (RFC 5321), as nginx keeps the states.
import { Level } from '../../core/log.ts';
import { ownCopy } from '../../core/own-copy.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import { loggableBuffer } from '../command/loggable.ts';
import type { Parse } from '../command/parse.ts';
import { escapeControl } from '../escape.ts';
import type { AuthHeaders, BeforeGreeting, Outcome, ProtocolLines, ProtocolSession } from '../protocol.ts';
import { AUTH, REFUSED, SaslExchange, saslPrompts } from '../sasl/exchange.ts';
import type { BackendMechanism } from '../session/backend-auth.ts';
import { capabilitiesOf } from '../session/capabilities.ts';
import type { Dialogue, LoginOptions } from '../session/dialogue.ts';
import type { Session } from '../session/session.ts';
import type { SmtpConf } from './conf.ts';
import type { Envelope } from './envelope.ts';
import { beforeSmtpGreeting, greetsAtOnce } from './greeting.ts';
import { smtpLogin } from './login.ts';
import { SmtpCommand, SmtpParser } from './parser.ts';

export const SMTP_LINES: ProtocolLines = {
  internalError: Buffer.from('451 4.3.2 Internal server error\r\n'),
  certificateError: Buffer.from('421 4.7.1 SSL certificate error\r\n'),
  noCertificate: Buffer.from('421 4.7.1 No required SSL certificate\r\n'),
  ended: Buffer.from('421 4.3.2 Session ended by the administrator\r\n'),
};

const reply = (line: string): Outcome => ({
  kind: 'reply',
  bytes: Buffer.from(`${line}\r\n`),
});
const OK = reply('250 2.0.0 OK');
const BAD_ARGUMENT = reply('501 5.5.4 Invalid argument');
const BAD_SEQUENCE = reply('503 5.5.1 Bad sequence of commands');
const AUTH_REQUIRED = reply('530 5.7.1 Authentication required');
const QUIT: Outcome = { kind: 'quit', bytes: Buffer.from('221 2.0.0 Bye\r\n') };
const STARTTLS: Outcome = {
  kind: 'starttls',
  bytes: Buffer.from('220 2.0.0 Start TLS\r\n'),
};
const INVALID = Buffer.from('500 5.5.1 Invalid command\r\n');
const DEFAULT_CODE = Buffer.from('535 5.7.0');
const SPACE = Buffer.from(' ');
const CRLF = Buffer.from('\r\n');
const PROMPTS = saslPrompts('334 ');

export class SmtpSession implements ProtocolSession {
  readonly keepsBuffer = false;
  readonly emptyStatusDenies = false;
  readonly needsPassword = false;
  readonly passwordMechanism = 'plain';
  readonly bufferSize: number;
  readonly beforeGreeting: ((flow: BeforeGreeting) => void) | undefined;
  readonly #session: Session;
  readonly #conf: SmtpConf;
  readonly #parser = new SmtpParser();
  readonly #sasl: SaslExchange;
  readonly #envelope: Envelope = {
    helo: undefined,
    esmtp: false,
    from: undefined,
    to: undefined,
  };

  constructor(session: Session, conf: SmtpConf) {
    this.#session = session;
    this.#conf = conf;
    this.bufferSize = conf.bufferSize;
    this.beforeGreeting = greetsAtOnce(session, conf) ? undefined : (flow) => beforeSmtpGreeting(session, conf, flow);
    this.#sasl = new SaslExchange(session, PROMPTS, conf.auth);
    if (session.record !== undefined) session.record.envelope = this.#envelope;
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
    return this.#conf.greeting;
  }

  parse(buffer: LineBuffer): Parse {
    return this.#sasl.active ? this.#parser.parseContinuation(buffer) : this.#parser.parse(buffer);
  }

  execute(buffer: LineBuffer): Outcome {
    const parser = this.#parser;
    if (this.#sasl.active) return this.#sasl.next(parser.args.get(buffer, 0));
    switch (parser.command) {
      case SmtpCommand.helo:
      case SmtpCommand.ehlo:
        return this.#hello(buffer, parser.command === SmtpCommand.ehlo);
      case SmtpCommand.auth:
        if (this.#session.loginNeedsTls) return REFUSED;
        return parser.args.count === 0 ? BAD_ARGUMENT : this.#sasl.begin(parser.args, buffer);
      case SmtpCommand.mail:
        return this.#mail(buffer);
      case SmtpCommand.rcpt:
        return this.#rcpt(buffer);
      case SmtpCommand.rset:
        this.#envelope.from = undefined;
        this.#envelope.to = undefined;
        return OK;
      case SmtpCommand.noop:
        return OK;
      case SmtpCommand.quit:
        return QUIT;
      case SmtpCommand.starttls:
        return this.#session.offersStarttls ? STARTTLS : REFUSED;
      default:
        return REFUSED;
    }
  }

  #hello(buffer: LineBuffer, extended: boolean): Outcome {
    if (this.#parser.args.count !== 1) return BAD_ARGUMENT;
    const envelope = this.#envelope;
    envelope.helo = Buffer.from(this.#parser.args.get(buffer, 0));
    envelope.from = undefined;
    envelope.to = undefined;
    if (!extended) return { kind: 'reply', bytes: this.#conf.helo };
    envelope.esmtp = true;
    return { kind: 'reply', bytes: capabilitiesOf(this.#session, this.#conf.ehlo) };
  }

  #mail(buffer: LineBuffer): Outcome {
    if (this.#session.loginNeedsTls) return REFUSED;
    if (!this.#conf.auth.has('none')) {
      this.#logRejected(buffer);
      return AUTH_REQUIRED;
    }
    if (this.#envelope.from !== undefined) return BAD_SEQUENCE;
    if (this.#parser.args.count === 0) return BAD_ARGUMENT;
    this.#session.forgetCredentials();
    this.#session.login = undefined;
    this.#envelope.from = ownCopy(this.#parser.typed(buffer));
    return OK;
  }

  #rcpt(buffer: LineBuffer): Outcome {
    if (this.#session.loginNeedsTls) return REFUSED;
    if (this.#envelope.from === undefined) return BAD_SEQUENCE;
    if (this.#parser.args.count === 0) return BAD_ARGUMENT;
    this.#envelope.to = ownCopy(this.#parser.typed(buffer));
    this.#session.use('none', EMPTY, undefined);
    return AUTH;
  }

  /** nginx shows the whole buffer; what may hold a credential is left out here. */
  #logRejected(buffer: LineBuffer): void {
    if (this.#session.log.level < Level.info) return;
    const text = loggableBuffer('smtp', buffer.data.subarray(0, buffer.last), false).replace(/[\r\n]/g, '_');
    this.#session.info(`client was rejected: "${text}"`);
  }

  invalid(): Buffer {
    this.restart();
    return INVALID;
  }

  forgetClear(): void {
    this.restart();
    this.#envelope.helo = undefined;
    this.#envelope.from = undefined;
    this.#envelope.to = undefined;
  }

  restart(): void {
    this.#sasl.cancel();
  }

  denied(text: Buffer, code: Buffer | undefined): Buffer {
    return Buffer.concat([code === undefined || code.length === 0 ? DEFAULT_CODE : code, SPACE, text, CRLF]);
  }

  tellError(error: Buffer, refusal: Buffer, isLast: boolean): Buffer {
    return this.#sasl.tellError(error, refusal, isLast);
  }

  authHeaders(): AuthHeaders {
    const clientHost = this.#session.clientHost;
    if (this.#session.credentials?.method !== 'none') return { clientHost, envelope: undefined };
    const { helo, from, to } = this.#envelope;
    const envelope = Buffer.concat([
      ...header('Auth-SMTP-Helo: ', helo),
      ...header('Auth-SMTP-From: ', from),
      ...header('Auth-SMTP-To: ', to),
    ]);
    return { clientHost, envelope };
  }

  login(options: LoginOptions, mechanism: BackendMechanism): Dialogue | undefined {
    return smtpLogin(this.#session, this.#envelope, options, mechanism);
  }
}

const header = (name: string, value: Buffer | undefined): Buffer[] => [
  Buffer.from(name),
  escapeControl(value ?? EMPTY),
  CRLF,
];

const EMPTY = Buffer.alloc(0);
