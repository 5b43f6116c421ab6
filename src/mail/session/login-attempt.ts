// One login: the auth server is asked, perhaps again, and the backend that it names is logged in to.
import type { ByteString } from '../../conf/directive.ts';
import { wipe } from '../../core/wipe.ts';
import { type Connection, IGNORE } from '../../net/connection.ts';
import type { ReplyKey } from '../auth-cache/reply-key.ts';
import { AuthExchange } from '../auth-http/exchange.ts';
import type { AuthHttpConf } from '../auth-http/module.ts';
import type { AuthReply } from '../auth-http/reply.ts';
import { authRequest } from '../auth-http/request.ts';
import { AuthRound } from '../auth-http/round.ts';
import { judge, type Verdict } from '../auth-http/verdict.ts';
import { ChosenLogin } from '../backend/chosen-login.ts';
import { loginSettings } from '../backend/login-settings.ts';
import { overTls } from '../backend-tls/choose.ts';
import type { ProtocolSession } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import { isOAuth } from './credentials.ts';
import type { Session } from './session.ts';
import { UpstreamLogin, type UpstreamResult } from './upstream-login.ts';

export interface LoginEvents {
  /**
   * The auth server said no; the client hears of it after `waitMs`, and may try again unless that is 0.
   * @param saslError OAuth: what it hears before
   */
  refused(line: Buffer, waitMs: number, saslError: Buffer | undefined): void;
  /** Something broke, or the backend said no: the line is the last one. */
  failed(line: Buffer): void;
  /** `first` goes to the client before anything else from the backend. */
  loggedIn(upstream: Connection, first: Buffer): void;
  /** The client is gone. */
  lost(error: Error | undefined): void;
}

/** WAIT without Auth-Wait: asked again after this, and so many times. nginx would ask at once, for ever. */
const PROMPT_WAIT_MS = 1000;
const MAX_PROMPT_WAITS = 5;

export class LoginAttempt {
  readonly #session: Session;
  readonly #server: MailServer;
  readonly #auth: AuthHttpConf;
  readonly #protocol: ProtocolSession;
  readonly #events: LoginEvents;
  #exchange: AuthExchange | AuthRound | undefined;
  /** Which server of a group has answered. */
  #answerer: ByteString | undefined;
  #login: UpstreamLogin | ChosenLogin | undefined;
  /** auth_http_cache: where the answer to the question at hand is kept. */
  #key: ReplyKey | undefined;
  #promptWaits = 0;

  constructor(
    session: Session,
    server: MailServer,
    auth: AuthHttpConf,
    protocol: ProtocolSession,
    events: LoginEvents,
  ) {
    this.#session = session;
    this.#server = server;
    this.#auth = auth;
    this.#protocol = protocol;
    this.#events = events;
  }

  start(): void {
    const session = this.#session;
    const { core } = this.#server;
    session.action = 'in http auth state';
    const known = this.#lookUp();
    if (known !== undefined) {
      session.counters?.cacheHit();
      session.dropDigest();
      this.#decide(known, this.#judge(known));
      return;
    }
    const request = authRequest(this.#auth.parts, core.protocol, session, this.#protocol);
    session.dropDigest();
    const auth = this.#auth;
    this.#exchange =
      auth.group === undefined
        ? new AuthExchange(session, auth.server, request, (reply) => this.#answered(reply), this.#server)
        : new AuthRound(session, auth.group, auth.tls, request, this.#server, (reply, by) => {
            this.#answerer = by;
            this.#answered(reply);
          });
    this.#exchange.start();
  }

  /** The answer that the auth server gave to the same question. */
  #lookUp(): AuthReply | undefined {
    const cache = this.#server.authCache;
    if (cache === undefined) return undefined;
    this.#forgetKey();
    this.#key = cache.keyOf(this.#session);
    return this.#key && cache.find(this.#key);
  }

  #forgetKey(): void {
    if (this.#key !== undefined) wipe(this.#key.seal);
    this.#key = undefined;
  }

  /** It led nowhere: the next login is asked about. */
  #forgetAnswer(): void {
    if (this.#key !== undefined) this.#server.authCache?.forget(this.#key);
    this.#forgetKey();
  }

  cancel(): void {
    this.#forgetKey();
    this.#exchange?.cancel();
    this.#login?.cancel();
  }

  #answered(reply: AuthReply | undefined): void {
    this.#exchange = undefined;
    if (reply === undefined) {
      this.#session.noteFirst('auth_down');
      this.#internalError();
      return;
    }
    const { authCache } = this.#server;
    const copy = this.#key && authCache?.copyOf(this.#key, reply);
    const verdict = this.#judge(reply);
    if (this.#key !== undefined && copy !== undefined && (verdict.kind === 'deny' || isPass(verdict))) {
      authCache?.keep(this.#key, copy, isPass(verdict));
    }
    this.#decide(reply, verdict);
  }

  #judge(reply: AuthReply): Verdict {
    const { proxy, core, places } = this.#server;
    return judge(reply, this.#session, this.#protocol, proxy.auth[core.protocol.name], places);
  }

  #decide(reply: AuthReply, verdict: Verdict): void {
    this.#session.record?.answered(reply);
    if (!isPass(verdict)) this.#forgetKey();
    switch (verdict.kind) {
      case 'deny':
        this.#session.countLogin('refused', verdict.text);
        this.#session.info(`client login failed: "${verdict.text.toString('latin1')}"`);
        this.#events.refused(
          this.#protocol.denied(verdict.text, verdict.code),
          verdict.waitS * 1000,
          verdict.saslError,
        );
        return;
      case 'again':
        this.#session.countLogin('wait');
        this.#askAgain(verdict.waitS);
        return;
      case 'pass':
        this.#noteSaslError(reply);
        this.#connect(verdict, reply);
        return;
      case 'choose':
        this.#noteSaslError(reply);
        this.#choose(verdict, reply);
        return;
      case 'broken':
        this.#broken(verdict.why);
        return;
      default:
        verdict satisfies never;
    }
  }

  #noteSaslError({ saslError }: AuthReply): void {
    if (saslError === undefined || !isOAuth(this.#session.credentials?.method)) return;
    this.#complain('returned SASL error to auth success');
  }

  #askAgain(waitS: number): void {
    if (waitS === 0 && ++this.#promptWaits > MAX_PROMPT_WAITS) {
      this.#broken('keeps sending WAIT without Auth-Wait');
      return;
    }
    const { conn } = this.#session;
    conn.handler = {
      ...IGNORE,
      onTimeout: () => this.start(),
      onClose: (error) => this.#events.lost(error),
    };
    conn.deadline(waitS === 0 ? PROMPT_WAIT_MS : waitS * 1000);
  }

  #connect(peer: Extract<Verdict, { kind: 'pass' }>, reply: AuthReply): void {
    const session = this.#session;
    const { proxy, core, pool } = this.#server;
    session.upstream = peer.text;
    const target = { kind: 'inet', address: peer.address, port: peer.port } as const;
    const settings = loginSettings(session, this.#server, reply, target, peer.address, peer.text);
    if ('why' in settings) {
      this.#forgetAnswer();
      session.error(settings.why);
      this.#internalError();
      return;
    }
    const login = this.#protocol.login(proxy, peer.mechanism);
    if (login === undefined) {
      this.#forgetAnswer();
      session.error('login or password cannot be sent to upstream');
      session.note('unsendable');
      this.#internalError();
      return;
    }
    this.#login = new UpstreamLogin(session, settings, pool, overTls(settings.tls, core, session, login), (result) =>
      this.#loggedIn(result),
    );
    this.#login.start();
  }

  #choose({ place, mechanism }: Extract<Verdict, { kind: 'choose' }>, reply: AuthReply): void {
    const login = new ChosenLogin(this.#session, this.#server, this.#protocol, (result) => this.#loggedIn(result));
    this.#login = login;
    login.start(place, mechanism, reply);
  }

  #loggedIn(result: UpstreamResult): void {
    this.#login = undefined;
    if (result.kind === 'failed') this.#forgetAnswer();
    else this.#forgetKey();
    if (result.kind === 'logged-in') {
      this.#session.countLogin('ok');
      this.#events.loggedIn(result.upstream, result.first);
    } else this.#failed(result.reply);
  }

  #failed(reply: Buffer | undefined): void {
    this.#session.noteFirst('backend_down');
    this.#session.countLogin('error');
    this.#events.failed(reply ?? this.#server.core.protocol.lines.internalError);
  }

  #complain(why: string): void {
    this.#session.error(`auth http server ${this.#answerer ?? this.#auth.text} ${why}`);
  }

  #broken(why: string): void {
    this.#complain(why);
    this.#session.note('auth_invalid');
    this.#internalError();
  }

  #internalError(): void {
    this.#session.countLogin('error');
    this.#events.failed(this.#server.core.protocol.lines.internalError);
  }
}

const isPass = ({ kind }: Verdict): boolean => kind === 'pass' || kind === 'choose';
