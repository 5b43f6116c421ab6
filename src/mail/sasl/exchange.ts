// A SASL exchange (RFC 4422), the same in the three protocols: prompts, answers, and the credentials in the end.
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { Arguments } from '../command/arguments.ts';
import type { Outcome } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import {
  challengeText,
  decodeCramMd5,
  decodeExternal,
  decodeLogin,
  decodePlain,
  type SaslFault,
  type SaslPair,
  saslMechanism,
} from './mechanisms.ts';
import { decodeOauthBearer, decodeXoauth2, isAcknowledgement } from './oauth.ts';

/** The lines that ask the client for more. */
export interface SaslPrompts {
  readonly empty: Buffer;
  readonly username: Buffer;
  readonly password: Buffer;
  /** What stands before the challenge in base64. */
  readonly challenge: string;
}

/** The prompts of a protocol whose lines that ask for more begin so. */
export const saslPrompts = (prefix: string): SaslPrompts => ({
  empty: Buffer.from(`${prefix}\r\n`),
  username: Buffer.from(`${prefix}VXNlcm5hbWU6\r\n`),
  password: Buffer.from(`${prefix}UGFzc3dvcmQ6\r\n`),
  challenge: prefix,
});

const CRLF = Buffer.from('\r\n');

export const AUTH: Outcome = { kind: 'auth' };
export const REFUSED: Outcome = { kind: 'refused' };
/** The session ends with the reply. */
const REFUSED_FOR_GOOD: Outcome = { kind: 'refused', closes: true };

type OAuth = 'xoauth2' | 'oauthbearer';
type State = 'idle' | 'login-user' | 'login-pass' | 'plain' | 'cram-md5' | 'external' | OAuth | 'told-error';

export class SaslExchange {
  readonly #session: Session;
  readonly #prompts: SaslPrompts;
  /** PLAIN and LOGIN always work; the others have to be enabled. */
  readonly #enabled: ReadonlySet<string>;
  #state: State = 'idle';
  #user: Buffer | undefined;
  #salt: Buffer | undefined;
  /** What follows when the client has taken note of an error. */
  #ending: Outcome = REFUSED;

  constructor(session: Session, prompts: SaslPrompts, enabled: ReadonlySet<string>) {
    this.#session = session;
    this.#prompts = prompts;
    this.#enabled = enabled;
  }

  /** The next line is an answer. */
  get active(): boolean {
    return this.#state !== 'idle';
  }

  get awaitsLoginUser(): boolean {
    return this.#state === 'login-user';
  }

  /** The next line says that the client has taken note of an error. */
  get awaitsAcknowledgement(): boolean {
    return this.#state === 'told-error';
  }

  /** Whatever the next line says, the session ends with the reply to it. */
  get endsWithAnswer(): boolean {
    return this.#state === 'told-error' && this.#ending.kind === 'quit';
  }

  /**
   * Tells the client, in a challenge, why its token was refused. It has to answer that before it gets the refusal.
   * @param error in base64 @param isLast the session ends with the refusal
   */
  tellError(error: Buffer, refusal: Buffer, isLast: boolean): Buffer {
    this.#state = 'told-error';
    this.#ending = { kind: isLast ? 'quit' : 'reply', bytes: refusal };
    return Buffer.concat([Buffer.from(this.#prompts.challenge), error, CRLF]);
  }

  /** The challenge of APOP and CRAM-MD5: one a session. */
  salt(): Buffer {
    this.#salt ??= challengeText(this.#session.serverName, Date.now());
    return this.#salt;
  }

  cancel(): void {
    this.#state = 'idle';
    this.#user = undefined;
  }

  /** An AUTH or AUTHENTICATE command. Its arguments: the mechanism, and perhaps an initial response. */
  begin(args: Arguments, buffer: LineBuffer): Outcome {
    const mechanism = saslMechanism(args.get(buffer, 0));
    const initial = args.count > 1 ? args.get(buffer, 1) : undefined;
    if (mechanism === undefined || args.count > 2) return REFUSED;
    switch (mechanism) {
      case 'login':
        return initial === undefined ? this.#ask('login-user', this.#prompts.username) : this.#loginUser(initial);
      case 'plain':
        return initial === undefined ? this.#ask('plain', this.#prompts.empty) : this.#plain(initial);
      case 'cram-md5':
        if (!this.#enabled.has('cram-md5') || initial !== undefined) return REFUSED;
        return this.#ask('cram-md5', this.#challenge());
      case 'external':
        if (!this.#enabled.has('external')) return REFUSED;
        return initial === undefined ? this.#ask('external', this.#prompts.username) : this.#external(initial);
      case 'xoauth2':
      case 'oauthbearer':
        if (!this.#enabled.has(mechanism)) return REFUSED;
        return initial === undefined ? this.#ask(mechanism, this.#prompts.empty) : this.#oauth(mechanism, initial);
      default:
        return mechanism satisfies never;
    }
  }

  /** An answer. The state is idle again unless another prompt follows. */
  next(answer: Buffer): Outcome {
    const state = this.#state;
    this.#state = 'idle';
    switch (state) {
      case 'login-user':
        return this.#loginUser(answer);
      case 'login-pass':
        return this.#loginPass(answer);
      case 'plain':
        return this.#plain(answer);
      case 'cram-md5':
        return this.#cramMd5(answer);
      case 'external':
        return this.#external(answer);
      case 'xoauth2':
      case 'oauthbearer':
        return this.#oauth(state, answer);
      case 'told-error':
        if (isAcknowledgement(answer)) return this.#ending;
        return this.#ending.kind === 'quit' ? REFUSED_FOR_GOOD : REFUSED;
      case 'idle':
        return REFUSED;
      default:
        return state satisfies never;
    }
  }

  #ask(state: State, prompt: Buffer): Outcome {
    this.#state = state;
    return { kind: 'reply', bytes: prompt };
  }

  #challenge(): Buffer {
    return Buffer.from(`${this.#prompts.challenge}${this.salt().toString('base64')}\r\n`, 'latin1');
  }

  #loginUser(arg: Buffer): Outcome {
    const user = decodeLogin(arg);
    if (user.kind === 'invalid') return this.#fault(user);
    this.#user = user.value;
    this.#session.login = user.value;
    return this.#ask('login-pass', this.#prompts.password);
  }

  #loginPass(arg: Buffer): Outcome {
    const pass = decodeLogin(arg);
    if (pass.kind === 'invalid') return this.#fault(pass);
    this.#session.use('plain', this.#user ?? Buffer.alloc(0), pass.value, undefined, true);
    this.#user = undefined;
    return AUTH;
  }

  #plain(arg: Buffer): Outcome {
    return this.#pair('plain', decodePlain(arg));
  }

  #cramMd5(arg: Buffer): Outcome {
    return this.#pair('cram-md5', decodeCramMd5(arg), this.salt());
  }

  #oauth(method: OAuth, arg: Buffer): Outcome {
    return this.#pair(method, method === 'xoauth2' ? decodeXoauth2(arg) : decodeOauthBearer(arg));
  }

  #pair(method: 'plain' | 'cram-md5' | OAuth, pair: SaslPair, salt?: Buffer): Outcome {
    if (pair.kind === 'invalid') return this.#fault(pair);
    this.#session.use(method, pair.user, pair.pass, salt);
    return AUTH;
  }

  #external(arg: Buffer): Outcome {
    const user = decodeExternal(arg);
    if (user.kind === 'invalid') return this.#fault(user);
    this.#session.use('external', user.value, undefined);
    return AUTH;
  }

  #fault(fault: SaslFault): Outcome {
    if (fault.login !== undefined) this.#session.login = fault.login;
    this.#session.info(fault.reason);
    return REFUSED;
  }
}
