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

export const escapeDefault: Escape = (value) =>
  value === undefined ? '-' : value.replace(UNSAFE, (c) => BY_DEFAULT[c.charCodeAt(0)] ?? '');

export const ESCAPES: ReadonlyMap<string, Escape> = new Map<string, Escape>([
  ['default', escapeDefault],
  ['json', (value) => value?.replace(UNSAFE_JSON, (c) => IN_JSON[c.charCodeAt(0)] ?? '') ?? ''],
  ['none', (value) => value ?? ''],
]);
