// How a value stands in a line of an access log (escape= of log_format).
import type { ByteString } from '../../conf/directive.ts';

/** @param value undefined: there is none */
export type Escape = (value: ByteString | undefined) => ByteString;

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

const UNSAFE = /[^ !#-[\]-~]/g;
/** Bytes from 0x80 on are UTF-8, or so nginx hopes. */
const UNSAFE_JSON = /[^ !#-[\]-\xff]/g;

/** Most values have nothing to escape: to look for it costs a third of replacing nothing. */
function escaper(unsafe: RegExp, texts: readonly string[], missing: ByteString): Escape {
  const first = new RegExp(unsafe.source);
  return (value) => {
    if (value === undefined) return missing;
    return first.test(value) ? value.replace(unsafe, (c) => texts[c.charCodeAt(0)] ?? '') : value;
  };
}

export const escapeDefault = escaper(UNSAFE, BY_DEFAULT, '-');

export const ESCAPES: ReadonlyMap<string, Escape> = new Map<string, Escape>([
  ['default', escapeDefault],
  ['json', escaper(UNSAFE_JSON, IN_JSON, '')],
  ['none', (value) => value ?? ''],
]);
