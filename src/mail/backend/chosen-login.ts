// The login at a backend that has to be chosen first: names are looked up, and one backend is asked after the other.
import type { ByteString } from '../../conf/directive.ts';
import { formatAddress, type SocketAddress } from '../../core/address.ts';
import { Level } from '../../core/log.ts';
import { dialTarget } from '../../net/dial-target.ts';
import type { Peer, PeerOutcome } from '../../upstream/peer.ts';
import type { Selection } from '../../upstream/selection.ts';
import { overTls } from '../backend-tls/choose.ts';
import type { ProtocolSession } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import type { BackendMechanism } from '../session/backend-auth.ts';
import type { Session } from '../session/session.ts';
import { UpstreamLogin, type UpstreamResult } from '../session/upstream-login.ts';
import { type MailGroup, plainGroup } from '../upstream/context.ts';
import { goOn, lookUp, refresh } from '../upstream/look-up.ts';
import { Belonging } from './belonging.ts';
import { type BackendWish, loginSettings } from './login-settings.ts';
import { type BackendPlace, withPort } from './place.ts';

type Failed = Extract<UpstreamResult, { kind: 'failed' }>;

const OURS: Failed = { kind: 'failed', reply: undefined, cause: 'ours', stage: 'greeting', text: undefined };
const NO_WISH: BackendWish = { ssl: undefined, sslName: undefined, proxyVersion: undefined, source: undefined };
const PERMANENT = 0x35; // the 5 of an SMTP reply

export class ChosenLogin {
  readonly #session: Session;
  readonly #server: MailServer;
  readonly #protocol: ProtocolSession;
  readonly #done: (result: UpstreamResult) => void;
  readonly #startedMs = Date.now();
  readonly #waits = new AbortController();
  #mechanism: BackendMechanism = 'login';
  #wish: BackendWish = NO_WISH;
  /** Whose certificate is expected where nothing else says so; empty: the address. */
  #host: ByteString = '';
  #selection: Selection | undefined;
  #peer: Peer | undefined;
  #dialledMs = 0;
  /** The user's place among the servers, where they have one. */
  #belonging: Belonging | undefined;
  #login: UpstreamLogin | undefined;

  constructor(session: Session, server: MailServer, protocol: ProtocolSession, done: (result: UpstreamResult) => void) {
    this.#session = session;
    this.#server = server;
    this.#protocol = protocol;
    this.#done = done;
  }

  start(place: BackendPlace, mechanism: BackendMechanism, wish = NO_WISH): void {
    this.#mechanism = mechanism;
    this.#wish = wish;
    this.#session.action = 'connecting to upstream';
    switch (place.kind) {
      case 'group':
        this.#host = place.group.name;
        this.#refresh(place.group, place.port);
        return;
      case 'address':
        this.#choose(plainGroup(formatAddress(place.address), [place.address]), 0);
        return;
      case 'name':
        this.#host = place.host;
        this.#find(place.host, place.port);
        return;
      case 'nowhere':
        this.#session.error(place.why);
        this.#session.note('no_backend');
        this.#done(OURS);
        return;
      default:
        place satisfies never;
    }
  }

  cancel(): void {
    this.#waits.abort();
    this.#login?.cancel();
    this.#belonging?.drop();
    this.#release('next');
  }

  /** Looks names up that say `resolve`; where there are none, nothing is waited for. */
  #refresh(group: MailGroup, port: number): void {
    const refreshed = refresh(group, this.#session, this.#server, this.#waits.signal);
    if (refreshed === undefined) this.#choose(group, port);
    else goOn(refreshed, this.#session, this.#waits.signal, () => this.#choose(group, port));
  }

  #find(host: string, port: number): void {
    const { resolver, core } = this.#server;
    if (resolver === undefined) {
      this.#session.note('no_backend');
      this.#done(OURS);
      return;
    }
    const { signal } = this.#waits;
    const found = lookUp(this.#session, resolver, { host, port }, core.resolverTimeoutMs, signal);
    goOn(found, this.#session, signal, (addresses) => {
      if (addresses === undefined) {
        this.#session.note('no_backend');
        this.#done(OURS);
      } else this.#choose(plainGroup(host, addresses), port);
    });
  }

  #choose(group: MailGroup, port: number): void {
    this.#selection = group.select(this.#session, this.#server.backend.next.tries);
    this.#belonging = Belonging.of(group, this.#session);
    if (this.#belonging === undefined) this.#next(group, port);
    else this.#claim(this.#belonging, group, port);
  }

  /** The user may belong to another server than the one that would be next. */
  #claim(belonging: Belonging, group: MailGroup, port: number): void {
    const proposed = this.#take(group);
    if (proposed === undefined) return;
    belonging.claim(proposed.server, (server) => {
      if (this.#waits.signal.aborted) belonging.drop();
      else this.#session.conn.guard(() => this.#settle(belonging, proposed, server, group, port));
    });
  }

  #settle(belonging: Belonging, proposed: Peer, server: string, group: MailGroup, port: number): void {
    if (server === proposed.server) {
      this.#connect(proposed, group, port);
      return;
    }
    this.#peer = undefined;
    this.#selection?.putBack(proposed);
    const peer = this.#take(group, server);
    if (peer === undefined) return;
    belonging.move(peer.server);
    this.#connect(peer, group, port);
  }

  #next(group: MailGroup, port: number): void {
    const peer = this.#take(group);
    if (peer === undefined) return;
    this.#belonging?.move(peer.server);
    this.#connect(peer, group, port);
  }

  /** @returns undefined: there is none, and that is the end */
  #take(group: MailGroup, server?: string): Peer | undefined {
    const session = this.#session;
    session.action = 'connecting to upstream';
    const peer = this.#selection?.next(Date.now(), server);
    this.#peer = peer;
    if (peer !== undefined) return peer;
    this.#belonging?.drop();
    session.upstream = group.name;
    session.error('no live upstreams');
    session.noteFirst('no_backend');
    this.#done(OURS);
    return undefined;
  }

  #connect(peer: Peer, group: MailGroup, port: number): void {
    const session = this.#session;
    const address = withPort(peer.address, port);
    session.upstream = peer.address === address ? peer.text : formatAddress(address);
    const { proxy, core, pool } = this.#server;
    const host = this.#host === '' ? hostOf(address) : this.#host;
    const settings = loginSettings(session, this.#server, this.#wish, dialTarget(address), host, session.upstream);
    const login = this.#protocol.login(proxy, this.#mechanism);
    if ('why' in settings || login === undefined) {
      session.error('why' in settings ? settings.why : 'login or password cannot be sent to upstream');
      if (login === undefined) session.noteFirst('unsendable');
      this.#belonging?.drop();
      this.#release('next');
      this.#done(OURS);
      return;
    }
    this.#login = new UpstreamLogin(session, settings, pool, overTls(settings.tls, core, session, login), (result) => {
      this.#login = undefined;
      if (result.kind === 'failed') this.#failed(result, group, port);
      else this.#succeeded(result);
    });
    if (peer.counters !== undefined) this.#dialledMs = performance.now();
    this.#login.start();
  }

  #succeeded(result: UpstreamResult): void {
    const peer = this.#peer;
    peer?.proved(Date.now());
    peer?.counters?.took(performance.now() - this.#dialledMs);
    this.#session.backend = peer?.counters;
    this.#session.letGo = peer && letGoOf(peer, this.#belonging);
    this.#done(result);
  }

  #failed(result: Failed, group: MailGroup, port: number): void {
    const { next } = this.#server.backend;
    const isFault = isFaultOfBackend(result);
    const goesOn =
      isFault &&
      next.on &&
      result.stage === 'greeting' &&
      this.#selection?.hasMore === true &&
      (next.timeoutMs === 0 || Date.now() - this.#startedMs < next.timeoutMs);
    this.#release(isFault ? 'failed' : 'next');
    if (goesOn) {
      this.#next(group, port);
      return;
    }
    this.#belonging?.drop();
    this.#done(result);
  }

  #release(outcome: PeerOutcome): void {
    const session = this.#session;
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer === undefined || this.#selection?.release(peer, outcome, Date.now()) !== true) return;
    session.log.write(Level.warn, 'upstream server temporarily disabled', session);
  }
}

/** When the session has ended. It holds nothing else of the login, since that may be hours later. */
const letGoOf = (peer: Peer, belonging: Belonging | undefined) => (): void => {
  peer.release('ok', Date.now());
  belonging?.end();
};

/** A refusal of the login is none, nor is one of SMTP that other backends would repeat. */
function isFaultOfBackend({ cause, stage, text }: Failed): boolean {
  if (cause === 'refused') return stage === 'greeting' && text?.[0] !== PERMANENT;
  return cause === 'broken';
}

const hostOf = (address: SocketAddress): ByteString => (address.kind === 'inet' ? address.ip : 'localhost');
