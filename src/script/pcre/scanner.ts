// The text of a pattern, and where the reading of it stands.
import type { ByteString } from '../../conf/directive.ts';

/** A pattern that PCRE2 refuses, in its words, or one that has no counterpart in JavaScript. */
export class PatternError extends Error {
  /** Where in the pattern; undefined: it is no mistake, but cannot be done here. */
  readonly offset: number | undefined;
  constructor(text: ByteString, offset: number | undefined) {
    super(text);
    this.offset = offset;
  }
}

export class Scanner {
  readonly text: ByteString;
  at = 0;

  constructor(text: ByteString) {
    this.text = text;
  }

  /** The next character; undefined at the end. */
  get next(): string | undefined {
    return this.text[this.at];
  }

  take(): string | undefined {
    const char = this.text[this.at];
    if (char !== undefined) this.at++;
    return char;
  }

  /** Goes past a text that comes next. */
  skip(text: string): boolean {
    const found = this.text.startsWith(text, this.at);
    if (found) this.at += text.length;
    return found;
  }

  /** Goes past what a sticky expression matches. */
  match(regex: RegExp): RegExpExecArray | undefined {
    regex.lastIndex = this.at;
    const found = regex.exec(this.text);
    if (found === null) return undefined;
    this.at = regex.lastIndex;
    return found;
  }

  /** @throws PatternError in any case */
  fail(text: string, offset = this.at): never {
    throw new PatternError(text, offset);
  }

  /** @throws PatternError in any case @param start of what is not translated, which ends here */
  refuse(start: number): never {
    throw new PatternError(`"${this.text.slice(start, this.at)}"`, undefined);
  }
}
