// Ends the search of an expression that takes too long: JavaScript itself has no limit, and nothing else could run.
import { type Context, createContext, Script } from 'node:vm';

const LIMIT_MS = 250;
/** The clock goes on while others have the machine: such a search gets another chance, so many times. */
const MAX_CHANCES = 4;
/** Of processor time: it was not for want of that. In microseconds. */
const USED_UP = LIMIT_MS * 500;
const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** It is no Error of this realm. */
const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

export class TimeLimit {
  readonly #slots: { readonly regexp: RegExp; text: string };
  readonly #context: Context;
  readonly #script = new Script('regexp.exec(text)');

  constructor(regexp: RegExp) {
    this.#slots = { regexp, text: '' };
    this.#context = createContext(this.#slots);
  }

  /** @returns undefined: it took too long */
  exec(text: string): RegExpExecArray | null | undefined {
    this.#slots.text = text;
    try {
      for (let chances = MAX_CHANCES; chances > 0; chances--) {
        const before = process.cpuUsage();
        const found = this.#once();
        if (found !== undefined) return found;
        const { user, system } = process.cpuUsage(before);
        if (user + system > USED_UP) return undefined;
      }
      return undefined;
    } finally {
      this.#slots.text = '';
    }
  }

  #once(): RegExpExecArray | null | undefined {
    try {
      return this.#script.runInContext(this.#context, { timeout: LIMIT_MS });
    } catch (error) {
      if (codeOf(error) === TIMED_OUT) return undefined;
      throw error;
    }
  }
}
