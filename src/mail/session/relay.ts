// The transparent relay after login: bytes both ways, back-pressure, and the idle limit of the client's side.
import type { Connection, ConnHandler } from '../../net/connection.ts';
import { count, RECEIVED, SENT } from '../../stats/block.ts';
import type { PeerCounters } from '../../stats/peer-counters.ts';
import type { ServerCounters } from '../../stats/server-counters.ts';

export type Peer = 'client' | 'upstream';

export type RelayEnd =
  /** A side closed, or its receiving broke: what it had sent has been passed on. */
  | {
      readonly kind: 'done';
      readonly by: Peer;
      readonly error: Error | undefined;
    }
  /** Nothing more could be sent to that side. */
  | { readonly kind: 'broken'; readonly to: Peer; readonly error: Error }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'shutdown' }
  /** From outside. */
  | { readonly kind: 'kicked' };

/** Whose session it is, and where it is counted. */
export interface RelayClient {
  readonly conn: Connection;
  /** Of the server; undefined: nothing is counted. */
  readonly counters?: ServerCounters | undefined;
  /** Of the backend, where that is one of a group. */
  readonly backend?: PeerCounters | undefined;
}

/** One direction; made once a session. */
class Direction implements ConnHandler {
  bytes = 0;
  readonly #relay: Relay;
  readonly #from: Connection;
  readonly #to: Connection;
  readonly #side: Peer;

  constructor(relay: Relay, from: Connection, to: Connection, side: Peer) {
    this.#relay = relay;
    this.#from = from;
    this.#to = to;
    this.#side = side;
  }

  onData(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#relay.server !== undefined) this.#count(this.#relay.server.values, chunk.length);
    if (this.#side === 'client') this.#relay.touch();
    if (!this.#to.write(chunk)) this.#from.pause();
  }

  #count(server: Float64Array, bytes: number): void {
    const { backend } = this.#relay;
    const isUp = this.#side === 'client';
    count(server, isUp ? RECEIVED : SENT, bytes);
    if (backend !== undefined) count(backend.values, isUp ? SENT : RECEIVED, bytes);
  }

  /** This side takes bytes again: the other may flow. */
  onDrain(): void {
    if (this.#side === 'client') this.#relay.touch();
    this.#to.resume();
  }

  onEof(): void {
    this.#relay.end({ kind: 'done', by: this.#side, error: undefined });
  }

  onTimeout(): void {
    this.#relay.end({ kind: 'timeout' });
  }

  onClose(error: Error | undefined): void {
    if (error !== undefined && 'syscall' in error && error.syscall === 'write') {
      this.#relay.end({ kind: 'broken', to: this.#side, error });
    } else this.#relay.end({ kind: 'done', by: this.#side, error });
  }
}

export class Relay {
  readonly fromClient: Direction;
  readonly fromUpstream: Direction;
  readonly server: ServerCounters | undefined;
  readonly backend: PeerCounters | undefined;
  readonly #client: Connection;
  readonly #upstream: Connection;
  readonly #timeoutMs: number;
  readonly #onEnd: (end: RelayEnd) => void;
  #state: 'open' | 'flushing' | 'over' = 'open';

  /** @param timeoutMs proxy_timeout: restarts on events of the client's side only. */
  constructor(session: RelayClient, upstream: Connection, timeoutMs: number, onEnd: (end: RelayEnd) => void) {
    const { conn: client, counters, backend } = session;
    this.#client = client;
    this.#upstream = upstream;
    this.#timeoutMs = timeoutMs;
    this.#onEnd = onEnd;
    this.server = counters;
    this.backend = backend;
    this.fromClient = new Direction(this, client, upstream, 'client');
    this.fromUpstream = new Direction(this, upstream, client, 'upstream');
  }

  /**
   * @param early what the client sent behind its login
   * @param first what the backend's login leaves for the client
   */
  start(early: Buffer, first: Buffer): void {
    this.server?.relays();
    this.#client.handler = this.fromClient;
    this.#upstream.handler = this.fromUpstream;
    this.#upstream.deadline(0);
    this.#client.deadline(this.#timeoutMs);
    this.#upstream.noDelay();
    for (const side of [this.#client, this.#upstream]) {
      side.lendChunks();
      side.resume();
    }
    if (first.length > 0) this.fromUpstream.onData(first);
    if (early.length > 0) this.fromClient.onData(early);
    if (this.#client.ended) this.fromClient.onEof(); // it came while nobody listened
  }

  touch(): void {
    this.#client.deadline(this.#timeoutMs);
  }

  /** Closes both sides at once, unreported. */
  destroy(): void {
    this.#state = 'over';
    this.#client.abandon();
    this.#upstream.abandon();
  }

  /** While the last bytes are on their way, only what cuts them off still counts. */
  end(end: RelayEnd): void {
    if (this.#state === 'over' || (this.#state === 'flushing' && end.kind === 'done')) return;
    if (end.kind !== 'done') {
      this.destroy();
      this.#onEnd(end);
      return;
    }
    this.#state = 'flushing';
    if (end.by === 'client' && this.fromClient.bytes === 0) {
      // A backend that was sent nothing since its last reply has nothing to lose, and need not be waited for.
      this.#state = 'over';
      this.#upstream.abandon();
      this.#client.finish();
      this.#onEnd(end);
      return;
    }
    const [from, to] = end.by === 'client' ? [this.#client, this.#upstream] : [this.#upstream, this.#client];
    from.finish();
    to.finish(this.#timeoutMs, (how) => {
      if (this.#state === 'over') return;
      this.#state = 'over';
      this.#onEnd(how === 'timeout' ? { kind: 'timeout' } : end);
    });
  }
}
