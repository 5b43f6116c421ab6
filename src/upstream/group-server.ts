// A server of a group that can change by itself: an address of a `server` line, or a name with what it is looked up to.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import type { Peer, ServerParameters } from './peer.ts';

/** A `server` line. */
export interface ServerLine {
  readonly text: ByteString;
  /** Of a name that is looked up anew at run time: none. */
  readonly addresses: readonly SocketAddress[];
  readonly parameters: ServerParameters;
  /** Of `resolve`. */
  readonly resolve: LookedUp | undefined;
}

/** A name that is looked up again and again. */
export interface LookedUp {
  readonly host: ByteString;
  readonly port: number;
}

export class GroupServer {
  /** In its group, the same in all workers. */
  readonly id: number;
  /** As its line names it. */
  readonly text: ByteString;
  readonly resolve: LookedUp | undefined;
  /** How many that are the same stand before it. */
  readonly nth: number;
  parameters: ServerParameters;
  peers: readonly Peer[] = [];
  /** When a look-up that failed may be tried again. */
  retryMs = 0;

  constructor(id: number, { text, resolve, parameters }: ServerLine, nth: number) {
    this.id = id;
    this.text = text;
    this.resolve = resolve;
    this.parameters = parameters;
    this.nth = nth;
  }

  /** There are addresses of an earlier look-up. */
  get isKnown(): boolean {
    return this.peers.length > 0;
  }

  /** Not again so soon after one that failed. */
  mayLookUp(nowMs: number): boolean {
    return nowMs >= this.retryMs;
  }

  /** Sessions that its peers have stay, whatever changes. */
  change(parameters: ServerParameters): void {
    this.parameters = parameters;
    for (const peer of this.peers) peer.change(parameters);
  }
}
