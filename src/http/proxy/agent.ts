// Keeps connections to the peers of an upstream between requests: node:http's Agent, with nginx's rules for how long.
import { Agent, type ClientRequest, type ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type DialPlan, dialKey, dialPeer } from '../upstream/dial.ts';
import type { KeepaliveRules } from '../upstream/group.ts';

/** On its way through the Agent: the plan is let go of as soon as there is a socket, which lives longer. */
export class DialTicket {
  readonly key: string;
  plan: DialPlan | undefined;

  constructor(plan: DialPlan) {
    this.key = dialKey(plan);
    this.plan = plan;
  }
}

const ticketOf = (options: ClientRequestArgs | undefined): DialTicket | undefined =>
  options !== undefined && 'ticket' in options && options.ticket instanceof DialTicket ? options.ticket : undefined;

interface Use {
  requests: number;
  readonly sinceMs: number;
}

export class UpstreamAgent extends Agent {
  readonly #rules: KeepaliveRules;
  readonly #uses = new WeakMap<Duplex, Use>();
  /** The longest idle first. */
  readonly #idle = new Set<Duplex>();

  constructor(rules: KeepaliveRules) {
    super({ keepAlive: true, maxFreeSockets: Math.max(1, rules.connections) });
    this.#rules = rules;
  }

  override getName(options?: ClientRequestArgs): string {
    return ticketOf(options)?.key ?? '';
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const ticket = ticketOf(options);
    const plan = ticket?.plan;
    if (ticket === undefined || plan === undefined) throw new Error('a request without a dial plan');
    ticket.plan = undefined;
    dialPeer(plan, (failure, socket = new Socket()) => {
      if (failure === undefined) {
        this.#uses.set(socket, { requests: 0, sinceMs: Date.now() });
        socket.once('close', () => this.#idle.delete(socket));
      }
      callback?.(failure ?? null, socket);
    });
  }

  /** After an answer. @returns false: the connection is closed */
  override keepSocketAlive(socket: Duplex): boolean {
    const use = this.#uses.get(socket);
    if (use === undefined || !(socket instanceof Socket)) return false;
    use.requests++;
    const { connections, requests, timeMs, timeoutMs } = this.#rules;
    if (connections === 0 || use.requests >= requests || Date.now() - use.sinceMs > timeMs) return false;
    socket.unref();
    socket.setTimeout(timeoutMs);
    this.#idle.add(socket);
    const [oldest] = this.#idle;
    if (this.#idle.size > connections) oldest?.destroy();
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.#idle.delete(socket);
    super.reuseSocket(socket, request);
  }
}
