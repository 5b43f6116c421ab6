// Connects to a peer: TCP or unix, TLS where the URL says so, within the time limit, and with the words of the log.
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ByteString } from '../../conf/directive.ts';
import { systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { LocalEnd } from '../../net/dial-target.ts';
import { connectFailure, isBindFailure } from '../../net/failure.ts';
import { socketPath } from '../../net/listen/socket-path.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import { SessionKeeper } from '../../net/tls/client-sessions.ts';
import { opensslText } from '../../net/tls/openssl-error.ts';
import { isHostName } from '../../net/tls/peer-name.ts';
import { endOf } from '../../net/tls/stream-end.ts';
import { serverRefusal } from '../../net/tls/verify-server.ts';
import type { Peer } from '../../upstream/peer.ts';
import type { HttpRequest } from '../request/request.ts';

export interface PeerTls {
  readonly tls: ClientTls;
  /** Whom the certificate has to name. */
  readonly name: ByteString;
  /** Tells the server that name (SNI). */
  readonly sendsName: boolean;
}

/** Everything about a connection to come. */
export interface DialPlan {
  readonly request: HttpRequest;
  readonly peer: Peer;
  readonly local: LocalEnd | undefined;
  readonly tls: PeerTls | undefined;
  readonly timeoutMs: number;
  /** The system probes the connection while it is idle. */
  readonly probes: boolean;
  readonly signal: AbortSignal;
}

/** Connections with the same key may take each other's place. */
export const dialKey = ({ peer, local, tls }: DialPlan): string =>
  `${peer.text} ${local?.address ?? ''} ${tls === undefined ? '' : `${tls.sendsName} ${tls.name}`}`;

/** Why there is no connection. */
export class DialFailure extends Error {
  readonly kind: 'error' | 'timeout' | 'ours';
  readonly level: Level;

  constructor(kind: DialFailure['kind'], level: Level, text: ByteString) {
    super(text);
    this.kind = kind;
    this.level = level;
  }
}

type Done = (failure: DialFailure | undefined, socket?: Socket) => void;

/** @param done called once */
export function dialPeer(plan: DialPlan, done: Done): void {
  const { request } = plan;
  const { connections } = request.client.services;
  // Why not is in the log.
  if (!connections.open(request.log, request)) done(new DialFailure('error', Level.info, ''));
  else new Dial(plan, done).start(connections.release);
}

class Dial {
  readonly #plan: DialPlan;
  readonly #done: Done;
  readonly #plain: Socket;
  #secure: TLSSocket | undefined;
  #keeper: SessionKeeper | undefined;
  #settled = false;

  constructor(plan: DialPlan, done: Done) {
    this.#plan = plan;
    this.#done = done;
    this.#plain = connect(optionsOf(plan));
  }

  start(released: () => void): void {
    const { request, signal, timeoutMs } = this.#plan;
    request.action = 'connecting to upstream';
    this.#plain.once('close', released);
    this.#plain.on('error', this.#onError);
    this.#plain.once('connect', this.#onConnect);
    this.#plain.setTimeout(timeoutMs);
    this.#plain.on('timeout', this.#onTimeout);
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  readonly #onAbort = (): void => this.#settle(new DialFailure('error', Level.info, ''));
  readonly #onTimeout = (): void => this.#settle(new DialFailure('timeout', Level.error, TIMED_OUT));
  readonly #onError = (error: Error): void => {
    if (this.#secure !== undefined) {
      this.#settle(handshakeFailure(error));
      return;
    }
    const { level, text } = connectFailure(error, this.#plan.peer.text);
    this.#settle(new DialFailure(isBindFailure(error) ? 'ours' : 'error', level, text));
  };

  readonly #onConnect = (): void => {
    const { tls, request, timeoutMs } = this.#plan;
    if (this.#settled) return;
    if (tls === undefined) {
      this.#settle(undefined);
      return;
    }
    request.action = 'SSL handshaking to upstream';
    const { sessions } = tls.tls;
    this.#keeper = sessions === undefined ? undefined : new SessionKeeper(sessions, dialKey(this.#plan));
    this.#secure = beginTls(tls, this.#plain, this.#keeper);
    this.#secure.on('error', this.#onError);
    this.#secure.once('secureConnect', this.#onSecure);
    this.#plain.setTimeout(0);
    this.#secure.setTimeout(timeoutMs);
    this.#secure.on('timeout', this.#onTimeout);
  };

  readonly #onSecure = (): void => {
    const { tls } = this.#plan;
    if (tls === undefined || this.#secure === undefined) return;
    const refused = serverRefusal(endOf(this.#secure), tls.tls, tls.name);
    if (refused === undefined) this.#keeper?.accept();
    this.#settle(refused === undefined ? undefined : new DialFailure('error', Level.error, refused));
  };

  #settle(failure: DialFailure | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#plan.signal.removeEventListener('abort', this.#onAbort);
    const socket = this.#secure ?? this.#plain;
    socket.setTimeout(0);
    socket.off('timeout', this.#onTimeout);
    if (failure === undefined) {
      socket.off('error', this.#onError);
      this.#done(undefined, socket);
      return;
    }
    this.#secure?.destroy();
    this.#plain.destroy();
    this.#done(failure);
  }
}

export const TIMED_OUT = 'upstream timed out (110: Connection timed out)';

function optionsOf({ peer: { address }, local, probes }: DialPlan): NetConnectOpts {
  if (address.kind === 'unix') return { path: socketPath(address.path) };
  const from = local === undefined ? {} : { localAddress: local.address, localPort: local.port };
  return { host: address.ip, port: address.port, noDelay: true, keepAlive: probes, ...from };
}

function beginTls({ tls, name, sendsName }: PeerTls, plain: Socket, keeper: SessionKeeper | undefined): TLSSocket {
  const session = keeper?.session;
  const socket = connectTls({
    socket: plain,
    secureContext: tls.context,
    rejectUnauthorized: false,
    ...(sendsName && isHostName(name) ? { servername: name } : {}),
    ...(session === undefined ? {} : { session }),
  });
  if (keeper !== undefined) socket.on('session', (ticket: Buffer) => keeper.take(ticket));
  return socket;
}

function handshakeFailure(error: Error): DialFailure {
  const queue = opensslText(error);
  if (queue !== undefined) return new DialFailure('error', Level.error, `SSL_do_handshake() failed (SSL: ${queue})`);
  const system = systemError(error);
  const isGone = system === undefined || system.syscall === undefined;
  const text = isGone
    ? 'peer closed connection in SSL handshake'
    : `SSL_do_handshake() failed (${system.errno}: ${system.text})`;
  return new DialFailure('error', Level.error, text);
}
