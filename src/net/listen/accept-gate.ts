// Stops and resumes accepting without closing the listening sockets: what comes meanwhile waits in the kernel.
import type { Server } from 'node:net';

/** Everybody who shuts it opens it again; it is open when all have. */
export class AcceptGate {
  #servers: readonly Server[] = [];
  #shutters = 0;

  /**
   * The servers to hold back.
   * @param servers that listen on a descriptor; on others the gate has no effect
   */
  guard(servers: readonly Server[]): void {
    this.#servers = servers;
    // To libuv a listening socket is a stream, which it polls while that is "reading".
    this.#apply();
  }

  shut(): void {
    if (this.#shutters++ === 0) this.#apply();
  }

  open(): void {
    if (--this.#shutters === 0) this.#apply();
  }

  #apply(): void {
    for (const { _handle } of this.#servers) {
      if (this.#shutters === 0) _handle?.readStart?.();
      else _handle?.readStop?.();
    }
  }
}
