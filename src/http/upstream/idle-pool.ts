// Connections to peers that are kept between requests, with nginx's rules for how many and how long.
import type { Socket } from 'node:net';
import type { KeepaliveRules } from './group.ts';

interface Use {
  requests: number;
  readonly sinceMs: number;
}

export class IdlePool {
  readonly #rules: KeepaliveRules;
  readonly #uses = new WeakMap<Socket, Use>();
  /** With their keys, the longest idle first. */
  readonly #idle = new Map<Socket, string>();

  constructor(rules: KeepaliveRules) {
    this.#rules = rules;
  }

  /** A connection that may come to be kept. */
  opened(socket: Socket): void {
    this.#uses.set(socket, { requests: 0, sinceMs: Date.now() });
    socket.once('close', () => this.#idle.delete(socket));
  }

  /** The one that was used last. @returns undefined: none is kept for the key */
  take(key: string): Socket | undefined {
    for (const [socket, known] of [...this.#idle].reverse()) {
      if (known !== key) continue;
      this.#idle.delete(socket);
      if (socket.destroyed) continue;
      socket.off('data', this.#spoils).off('end', this.#spoils).off('timeout', this.#spoils).off('error', ignore);
      socket.setTimeout(0);
      socket.ref();
      return socket;
    }
    return undefined;
  }

  /** An answer has come to its end: keeps the connection, or closes it. */
  put(key: string, socket: Socket): void {
    const use = this.#uses.get(socket);
    const { connections, requests, timeMs, timeoutMs } = this.#rules;
    if (use === undefined || connections === 0 || ++use.requests >= requests || Date.now() - use.sinceMs > timeMs) {
      socket.on('error', ignore);
      socket.destroy();
      return;
    }
    socket.on('data', this.#spoils).on('end', this.#spoils).on('timeout', this.#spoils).on('error', ignore);
    socket.setTimeout(timeoutMs);
    socket.unref();
    socket.resume();
    this.#idle.set(socket, key);
    const [oldest] = this.#idle.keys();
    if (this.#idle.size > connections) oldest?.destroy();
  }

  /** Whatever happens to an idle connection, it is of no use any more. */
  readonly #spoils = function (this: Socket): void {
    this.destroy();
  };
}

const ignore = (): void => {};

/** One for each upstream whose connections are shared, and one for each location otherwise. */
export class IdlePools {
  readonly #pools = new WeakMap<object, Map<KeepaliveRules, IdlePool>>();

  /** @param owner whose connections they are */
  of(rules: KeepaliveRules, owner: object): IdlePool {
    const pools = this.#pools.get(owner) ?? new Map<KeepaliveRules, IdlePool>();
    this.#pools.set(owner, pools);
    const pool = pools.get(rules) ?? new IdlePool(rules);
    pools.set(rules, pool);
    return pool;
  }
}
