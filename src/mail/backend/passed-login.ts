// A login without an auth server (auth_http off): the backend is given the credentials, and decides.
import type { ByteString } from '../../conf/directive.ts';
import type { ProtocolSession } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import { mechanismFor } from '../session/backend-auth.ts';
import type { LoginEvents } from '../session/login-attempt.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamResult } from '../session/upstream-login.ts';
import { ChosenLogin } from './chosen-login.ts';

const AUTH_STATE = 'in http auth state';
const REFUSED = Buffer.from('Authentication failed');
/** Before a client hears of a refusal, which also is before its next try: who guesses does not guess fast. */
const REFUSAL_MS = 1000;
/** The client is closed with the refusal of so many logins. */
const MAX_ATTEMPTS = 5;

export class PassedLogin {
  readonly #session: Session;
  readonly #server: MailServer;
  readonly #protocol: ProtocolSession;
  readonly #events: LoginEvents;
  readonly #login: ChosenLogin;

  constructor(session: Session, server: MailServer, protocol: ProtocolSession, events: LoginEvents) {
    this.#session = session;
    this.#server = server;
    this.#protocol = protocol;
    this.#events = events;
    this.#login = new ChosenLogin(session, server, protocol, (result) => this.#ended(result));
  }

  start(): void {
    const session = this.#session;
    session.action = AUTH_STATE;
    session.dropDigest();
    const { credentials } = session;
    const isAnonymous = credentials === undefined || credentials.method === 'none';
    if (!isAnonymous && credentials.pass === undefined) {
      // Whoever cannot show a password is not vouched for here.
      this.#refuse(`${credentials.method} has no password to pass on`, undefined);
      return;
    }
    const { core, places, proxy } = this.#server;
    const mechanism = mechanismFor(proxy.auth[core.protocol.name], credentials, this.#protocol.passwordMechanism);
    // Without either the configuration is refused.
    const place = places.passed(session) ?? { kind: 'nowhere', why: 'no backend' };
    this.#login.start(place, mechanism);
  }

  cancel(): void {
    this.#login.cancel();
  }

  #ended(result: UpstreamResult): void {
    const session = this.#session;
    if (result.kind === 'logged-in') {
      session.countLogin('ok');
      this.#events.loggedIn(result.upstream, result.first);
      return;
    }
    if (this.#isRefusal(result)) {
      this.#refuse(result.text?.toString('latin1') ?? '', result.reply);
      return;
    }
    if (result.cause === 'refused' && result.stage !== 'greeting') {
      session.error(`upstream sent invalid response: "${result.text?.toString('latin1') ?? ''}"`);
    }
    session.noteFirst('backend_down');
    session.countLogin('error');
    this.#events.failed(result.reply ?? this.#server.core.protocol.lines.internalError);
  }

  /** Of IMAP and POP3 a backend may say no to the user's name; SMTP has other commands before its AUTH. */
  #isRefusal({ cause, stage, text }: Extract<UpstreamResult, { kind: 'failed' }>): boolean {
    if (cause !== 'refused' || stage === 'greeting') return false;
    if (this.#server.core.protocol.name !== 'smtp') return true;
    return stage === 'secret' && text?.[0] === 0x35;
  }

  /** The record is that of an auth server's refusal, for the filters that look for it. */
  #refuse(why: ByteString, reply: Buffer | undefined): void {
    const session = this.#session;
    session.countLogin('refused', why);
    session.action = AUTH_STATE;
    session.upstream = '';
    session.info(`client login failed: "${why}"`);
    const line = reply ?? this.#protocol.denied(REFUSED, undefined);
    const isLast = ++session.errors >= this.#server.core.maxErrors || session.attempt >= MAX_ATTEMPTS;
    this.#events.refused(line, isLast ? 0 : REFUSAL_MS, undefined);
  }
}
