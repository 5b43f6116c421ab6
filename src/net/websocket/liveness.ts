// Whether the peer of a WebSocket is there: how often to look, and how long nothing may be heard of it.

export interface LivenessLimits {
  /** How often to ping the peer; 0: not at all. */
  readonly pingMs: number;
  /** How long nothing may be heard of it; 0: any time. */
  readonly timeoutMs: number;
}

/** Of a timer that is early by less. */
const SLACK_MS = 1;

/** On a clock that nobody sets: WebSockets outlive a time that jumps. */
export class Liveness {
  readonly #limits: LivenessLimits;
  #heardMs = performance.now();

  constructor(limits: LivenessLimits) {
    this.#limits = limits;
  }

  /** When to look after it next; 0: never. */
  get checkMs(): number {
    const { pingMs, timeoutMs } = this.#limits;
    return pingMs > 0 && timeoutMs > 0 ? Math.min(pingMs, timeoutMs) : pingMs + timeoutMs;
  }

  get isSilent(): boolean {
    const { timeoutMs } = this.#limits;
    return timeoutMs > 0 && performance.now() - this.#heardMs >= timeoutMs - SLACK_MS;
  }

  get isPinged(): boolean {
    return this.#limits.pingMs > 0;
  }

  heard(): void {
    this.#heardMs = performance.now();
  }
}
