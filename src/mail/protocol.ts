// What a mail protocol gives to the shared flow: grammar, states, replies, and the login at the backend.
import type { ByteString } from '../conf/directive.ts';
import type { LineBuffer } from '../net/line-buffer.ts';
import type { Parse } from './command/parse.ts';
import type { BackendMechanism } from './session/backend-auth.ts';
import type { Dialogue, LoginOptions } from './session/dialogue.ts';
import type { Session } from './session/session.ts';
import type { Upgrade } from './session/upgrade.ts';

/** What came of a complete command. */
export type Outcome =
  | { readonly kind: 'reply'; readonly bytes: Buffer }
  | { readonly kind: 'quit'; readonly bytes: Buffer }
  | { readonly kind: 'starttls'; readonly bytes: Buffer }
  /** The session holds a complete credential set. */
  | { readonly kind: 'auth' }
  /** Understood and refused: the invalid-command reply, without counting as an error; `closes`: it is the last. */
  | { readonly kind: 'refused'; readonly closes?: true };

/** The fixed lines of a protocol. */
export interface ProtocolLines {
  readonly internalError: Buffer;
  readonly certificateError: Buffer;
  readonly noCertificate: Buffer;
  /** The last line of a session that is ended from outside. */
  readonly ended: Buffer;
}

/** What the flow offers to a protocol that has work to do before its greeting. */
export interface BeforeGreeting {
  /** Goes on with the greeting. */
  greet(): void;
  /** Sends the line and closes. */
  reject(line: Buffer): void;
  /** Closes without a word. */
  close(): void;
  /** Aborted when the session ends. */
  readonly signal: AbortSignal;
}

export interface AuthHeaders {
  /** The value of Client-Host, which follows Client-IP. */
  readonly clientHost: ByteString;
  /** Whole lines, which follow those of the PROXY header. */
  readonly envelope: Buffer | undefined;
}

/** The protocol's side of one session. */
export interface ProtocolSession {
  /** SMTP: finds the client's name and waits for the greeting delay. */
  readonly beforeGreeting?: ((flow: BeforeGreeting) => void) | undefined;
  greeting(): Buffer;
  /** Size of the command buffer in bytes. */
  readonly bufferSize: number;
  /** While true the buffer does not start over, even when all of it has been consumed. */
  readonly keepsBuffer: boolean;
  parse(buffer: LineBuffer): Parse;
  /** The reply that `Parse.literal` asks for. */
  readonly literalReply?: Buffer;
  execute(buffer: LineBuffer): Outcome;
  /** The reply to a line that is no command. It also returns the protocol to its start state. */
  invalid(buffer: LineBuffer): Buffer;
  /** The invalid line cannot be told from what follows it: reply, then close. */
  readonly closesAfterInvalid: boolean;
  /** Where the line at hand begins in the buffer. */
  readonly lineStart: number;
  /** The line at hand is SASL data, not a command. */
  readonly inSasl: boolean;
  /** After STARTTLS: everything that was said in clear is forgotten. */
  forgetClear(): void;
  /** After a refused login: the start state. */
  restart(): void;
  /** A refusal by the auth server. `code` is Auth-Error-Code. */
  denied(text: Buffer, code: Buffer | undefined): Buffer;
  /** OAuth: a refusal that says why within SASL, in base64. The client gets `refusal` when it has answered. */
  tellError(error: Buffer, refusal: Buffer, isLast: boolean): Buffer;
  /** An empty Auth-Status counts as a refusal. */
  readonly emptyStatusDenies: boolean;
  /** The backend login cannot go without a password. */
  readonly needsPassword: boolean;
  /** How a password goes to the backend where the client's own way cannot be repeated. */
  readonly passwordMechanism: BackendMechanism;
  /** SMTP: header lines of the auth request that no other protocol has. */
  authHeaders?(): AuthHeaders;
  /** The login at the backend with the session's credentials; undefined: they cannot be said safely. */
  login(options: LoginOptions, mechanism: BackendMechanism): Dialogue | undefined;
}

export interface ProtocolCheck {
  /** The greeting, and what the backend can do; logged in is whoever has heard that. */
  dialogue(serverName: ByteString): Dialogue;
  readonly farewell: Buffer;
}

export interface MailProtocol {
  readonly name: 'imap' | 'pop3' | 'smtp';
  /** Ports that imply the protocol. They do not imply TLS. */
  readonly ports: readonly number[];
  readonly lines: ProtocolLines;
  /** What comes before the login where a backend gets TLS by STARTTLS. */
  upgrade(serverName: ByteString): Upgrade;
  /** Of a backend that is only asked how it is. */
  readonly check: ProtocolCheck;
  open(session: Session): ProtocolSession;
}
