// Ends the search of an expression that takes too long: JavaScript itself has no limit, and nothing else could run.
import { type Context, createContext, Script } from 'node:vm';

/** By the clock: the machine may be busy with others. */
const LIMIT_MS = 250;
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
      return this.#script.runInContext(this.#context, { timeout: LIMIT_MS });
    } catch (error) {
      if (codeOf(error) === TIMED_OUT) return undefined;
      throw error;
    } finally {
      this.#slots.text = '';
    }
  }
}
