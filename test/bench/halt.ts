// The end before the end: Ctrl-C. Nothing new begins, loads are killed, and all that runs unwinds in order.

export class Halted extends Error {
  constructor() {
    super('interrupted');
  }
}

export class Halt {
  readonly #listeners = new Set<() => void>();
  #halted = false;

  get halted(): boolean {
    return this.#halted;
  }

  halt(): void {
    this.#halted = true;
    for (const listener of this.#listeners) listener();
  }

  /** @returns what takes it back */
  onHalt(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws Halted */
  check(): void {
    if (this.#halted) throw new Halted();
  }
}

/** The first Ctrl-C ends all in order, the second at once. */
export function haltsOnSignals(): Halt {
  const halt = new Halt();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (halt.halted) process.exit(130);
      halt.halt();
    });
  }
  return halt;
}

/** Runs it, and takes an interruption as an end like any other. */
export async function untilHalted(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    process.stderr.write('Interrupted.\n');
    process.exitCode = 130;
  }
}
