// The last hour in samples: sessions by protocol, and how logins went.
import type { Blocks } from './block.ts';
import { protocolOf } from './registry.ts';
import { ServerNumbers } from './server-counters.ts';

export interface Sample {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly sessions: Readonly<Record<string, number>>;
  /** Logins a second. */
  readonly ok: number;
  readonly refused: number;
  readonly error: number;
}

export const SAMPLE_MS = 5000;
const MAX_SAMPLES = 3_600_000 / SAMPLE_MS;

interface Sums {
  readonly atMs: number;
  readonly logins: Readonly<Record<'ok' | 'refused' | 'error', number>>;
}

export class Samples {
  #samples: Sample[] = [];
  #last: Sums | undefined;

  /** The oldest first. */
  get all(): readonly Sample[] {
    return this.#samples;
  }

  /** @param blocks of all processes */
  take(blocks: Blocks, atMs: number): void {
    const last = this.#last;
    const { logins, sessions } = sumsOf(blocks);
    this.#last = { atMs, logins };
    const seconds = last === undefined ? 0 : (atMs - last.atMs) / 1000;
    // Where a clock is set back, or what has ended is forgotten, there is no rate.
    const rate = (of: keyof Sums['logins']): number => {
      const more = seconds > 0 && last !== undefined ? Math.max(0, logins[of] - last.logins[of]) : 0;
      return more === 0 ? 0 : Math.round((more / seconds) * 100) / 100;
    };
    if (seconds < 0) this.#samples = this.#samples.filter((one) => one.atMs < atMs);
    this.#samples.push({ atMs, sessions, ok: rate('ok'), refused: rate('refused'), error: rate('error') });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }

  forget(): void {
    this.#samples = [];
    this.#last = undefined;
  }
}

function sumsOf(blocks: Blocks): Pick<Sums, 'logins'> & Pick<Sample, 'sessions'> {
  const sessions: Record<string, number> = {};
  const logins = { ok: 0, refused: 0, error: 0 };
  for (const [key, values] of blocks) {
    const protocol = protocolOf(key);
    if (protocol === undefined) continue;
    const numbers = new ServerNumbers(values);
    sessions[protocol] = (sessions[protocol] ?? 0) + numbers.sessions;
    logins.ok += numbers.allLogins('ok');
    logins.refused += numbers.allLogins('refused');
    logins.error += numbers.allLogins('error');
  }
  return { sessions, logins };
}
