// How a value stands in a line of an access log (escape= of log_format).
import type { ByteString } from '../../conf/directive.ts';
import type { LogLine } from '../../core/log-line.ts';

/** A way to write values. */
export class Escape {
  /** What stands where there is no value. */
  readonly missing: ByteString;
  /** By the byte, 1: values that have it are looked at; others stand as they are. */
  readonly #unsafe: Uint8Array;
  readonly #text: (value: ByteString) => ByteString;

  constructor(unsafe: RegExp, text: (value: ByteString) => ByteString, missing: ByteString) {
    this.missing = missing;
    this.#unsafe = Uint8Array.from({ length: 256 }, (_, byte) => (unsafe.test(String.fromCharCode(byte)) ? 1 : 0));
    this.#text = text;
  }

  /** @param value undefined: there is none */
  shown(value: ByteString | undefined): ByteString {
    return value === undefined ? this.missing : this.#text(value);
  }

  /** Of a line whose bytes from there on are a value. */
  amend(line: LogLine, from: number): void {
    if (!line.has(this.#unsafe, from)) return;
    const value = line.since(from);
    line.cut(from);
    line.text(this.#text(value));
  }
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** By the byte. */
const table = (text: (byte: number) => string): readonly string[] => Array.from({ length: 256 }, (_, i) => text(i));
const BY_DEFAULT = table((byte) => `\\x${hex(byte)}`);
const IN_JSON = table((byte) => SHORT[String.fromCharCode(byte)] ?? `\\u00${hex(byte)}`);

const UNSAFE = /[^ !#-[\]-~]/;
/** Bytes from 0x80 on are UTF-8, or so nginx hopes. */
const UNSAFE_JSON = /[^ !#-[\]-\xff]/;
const NONE = /(?!)/;

function byBytes(unsafe: RegExp, texts: readonly string[], missing: ByteString): Escape {
  const all = new RegExp(unsafe, 'g');
  return new Escape(unsafe, (value) => value.replace(all, (c) => texts[c.charCodeAt(0)] ?? ''), missing);
}

export const escapeDefault = byBytes(UNSAFE, BY_DEFAULT, '-');
export const escapeJson = byBytes(UNSAFE_JSON, IN_JSON, '');

export const ESCAPES: ReadonlyMap<string, Escape> = new Map([
  ['default', escapeDefault],
  ['json', escapeJson],
  ['none', new Escape(NONE, (value) => value, '')],
]);
