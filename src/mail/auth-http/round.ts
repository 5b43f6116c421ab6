// One question to a group of auth servers: one after the other is asked until one answers, as far as the rules allow.
import type { ByteString } from '../../conf/directive.ts';
import { formatAddress } from '../../core/address.ts';
import { Level } from '../../core/log.ts';
import { secretCopy } from '../../core/secret.ts';
import { wipe } from '../../core/wipe.ts';
import { dialTarget } from '../../net/dial-target.ts';
import { asksNext, type NextOn, reasonOfStatus } from '../../upstream/next-upstream.ts';
import type { Peer, PeerOutcome } from '../../upstream/peer.ts';
import type { Selection } from '../../upstream/selection.ts';
import { withPort } from '../backend/place.ts';
import type { MailServer } from '../server.ts';
import type { Session } from '../session/session.ts';
import { goOn, refresh } from '../upstream/look-up.ts';
import { AuthExchange, type AuthMeans, type AuthServer } from './exchange.ts';
import type { AuthGroup } from './group.ts';
import type { AuthReply } from './reply.ts';
import type { AuthResponseParser } from './response.ts';
import type { AuthTls } from './ssl.ts';

/** @param by who has answered, or was to, as logs show it */
export type RoundDone = (reply: AuthReply | undefined, by: ByteString) => void;

export class AuthRound {
  readonly #session: Session;
  readonly #group: AuthGroup;
  readonly #tls: AuthTls | undefined;
  readonly #request: Buffer;
  readonly #server: MailServer;
  readonly #means: AuthMeans;
  readonly #done: RoundDone;
  readonly #action: string | undefined;
  readonly #startedMs = Date.now();
  readonly #waits = new AbortController();
  #selection: Selection | undefined;
  #peer: Peer | undefined;
  #exchange: AuthExchange | undefined;

  /** @param request is overwritten in the end */
  constructor(
    session: Session,
    group: AuthGroup,
    tls: AuthTls | undefined,
    request: Buffer,
    server: MailServer,
    done: RoundDone,
  ) {
    this.#session = session;
    this.#group = group;
    this.#tls = tls;
    this.#request = request;
    this.#server = server;
    const { authConnections, authDialer, authHeaders, authBuffer } = server;
    const inspect: AuthMeans['inspect'] = (answer) => this.#inspect(answer);
    this.#means = { authConnections, authDialer, authHeaders, authBuffer, inspect };
    this.#done = done;
    this.#action = session.action;
  }

  start(): void {
    const { signal } = this.#waits;
    const refreshed = refresh(this.#group.servers, this.#session, this.#server, signal);
    if (refreshed === undefined) {
      this.#begin();
      return;
    }
    goOn(refreshed, this.#session, signal, () => {
      this.#forgetOthers();
      this.#begin();
    });
  }

  cancel(): void {
    this.#waits.abort();
    this.#exchange?.cancel();
    wipe(this.#request);
    this.#release('next');
  }

  /** Connections to addresses that the names do not have any more. */
  #forgetOthers(): void {
    const { servers } = this.#group;
    this.#server.authConnections?.retain(new Set(servers.peers.map((peer) => this.#serverOf(peer).text)));
  }

  #begin(): void {
    const { servers, next } = this.#group;
    this.#selection = servers.select(this.#session, next.tries);
    this.#next();
  }

  #next(): void {
    const session = this.#session;
    const peer = this.#selection?.next(Date.now());
    this.#peer = peer;
    if (peer === undefined) {
      const { text } = this.#group;
      session.action = `asking auth http server ${text}`;
      session.error('no live upstreams');
      this.#finish(undefined, text);
      return;
    }
    const server = this.#serverOf(peer);
    session.action = `asking auth http server ${server.text}`;
    const request = secretCopy(this.#request);
    this.#exchange = new AuthExchange(
      session,
      server,
      request,
      (reply, why) => this.#ended(server.text, reply, why),
      this.#means,
    );
    this.#exchange.start();
  }

  #serverOf(peer: Peer): AuthServer {
    const { port, timeoutMs } = this.#group;
    const address = withPort(peer.address, port);
    const text = address === peer.address ? peer.text : formatAddress(address);
    return { target: dialTarget(address), text, timeoutMs, tls: this.#tls && { ...this.#tls, target: text } };
  }

  /** The status of an answer counts where the configuration says so; an error page of whoever stands before it may. */
  #inspect(answer: AuthResponseParser): NextOn | undefined {
    const { status, reply } = answer;
    const reason = status === undefined ? undefined : reasonOfStatus(status);
    if (reason !== undefined && this.#group.next.on.has(reason)) return reason;
    const says = reply.ok || reply.wait || reply.failure !== undefined || reply.server !== undefined;
    return says ? undefined : 'invalid_response';
  }

  #ended(by: ByteString, reply: AuthReply | undefined, why: NextOn | undefined): void {
    this.#exchange = undefined;
    if (reply === undefined && why === undefined) {
      this.#putBack();
      this.#finish(undefined, by);
      return;
    }
    const goesOn = why !== undefined && this.#mayGoOn(why);
    // Where nobody else is asked, an answer is taken for what it says, and the server for one that answers.
    const isFailure = why !== undefined && (goesOn || reply === undefined);
    if (goesOn && reply !== undefined) {
      this.#session.error(`auth http server ${by} answered with ${why}`);
      reply.pass?.fill(0);
    }
    this.#release(isFailure ? 'failed' : 'ok');
    if (goesOn) this.#next();
    else this.#finish(reply, by);
  }

  /** A question changes nothing: it may be asked again, though it was sent. */
  #mayGoOn(why: NextOn): boolean {
    return asksNext(why, this.#group.next, {
      method: 'GET',
      requestSent: true,
      hasMore: this.#selection?.hasMore === true,
      elapsedMs: Date.now() - this.#startedMs,
    });
  }

  /** We had no room for a connection: that says nothing of the server. */
  #putBack(): void {
    if (this.#peer !== undefined) this.#selection?.putBack(this.#peer);
    this.#peer = undefined;
  }

  #release(outcome: PeerOutcome): void {
    const session = this.#session;
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer === undefined || this.#selection?.release(peer, outcome, Date.now()) !== true) return;
    session.log.write(Level.warn, 'upstream server temporarily disabled', session);
  }

  #finish(reply: AuthReply | undefined, by: ByteString): void {
    this.#session.action = this.#action;
    wipe(this.#request);
    this.#done(reply, by);
  }
}
