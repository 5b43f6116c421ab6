// Command words looked up by their bytes, without making a string.

const LETTER_CASE = 0x20;
/** Clears the case bit of four letters at once. */
const FOUR_UPPER = 0xdfdfdfdf | 0;

interface Verb<Code extends number> {
  readonly code: Code;
  readonly word: Buffer;
}

/**
 * A set of command words of at least four letters, no two of which begin with the same four: those make one
 * integer, so that a look-up costs one map access whatever the number of words.
 */
export class VerbTable<Code extends number> {
  readonly #byHead = new Map<number, Verb<Code>>();

  /** Words are given in upper case. */
  constructor(verbs: Iterable<readonly [string, Code]>) {
    for (const [text, code] of verbs) {
      const word = Buffer.from(text, 'latin1');
      this.#byHead.set(word.readInt32BE(0) & FOUR_UPPER, { code, word });
    }
  }

  /** The code of the word in `[start, end)`, which must hold letters only; undefined when it is not known. */
  find(data: Buffer, start: number, end: number): Code | undefined {
    const length = end - start;
    if (length < 4) return undefined;
    const verb = this.#byHead.get(data.readInt32BE(start) & FOUR_UPPER);
    if (verb === undefined || verb.word.length !== length) return undefined;
    for (let i = 4; i < length; i++) {
      if ((data.readUInt8(start + i) & ~LETTER_CASE) !== verb.word.readUInt8(i)) return undefined;
    }
    return verb.code;
  }
}
