// `escape=` in mail: what SASL and literals carry is any bytes, so that no way of writing them may break a line.
import { isUtf8 } from 'node:buffer';
import type { ByteString } from '../../conf/directive.ts';
import { printable } from '../../core/log.ts';
import { Escape, escapeDefault, escapeJson } from '../../script/log/escape.ts';

const HIGH = /[\x80-\xff]/;

/** Bytes that are no UTF-8 are written as the characters of the same numbers: the line stays JSON. */
function inJson(value: ByteString): ByteString {
  const text = escapeJson.shown(value);
  if (!HIGH.test(text) || isUtf8(Buffer.from(text, 'latin1'))) return text;
  return text.replace(/[\x80-\xff]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export const MAIL_ESCAPES: ReadonlyMap<string, Escape> = new Map([
  ['default', escapeDefault],
  ['json', new Escape(/[^ !#-[\]-~]/, inJson, '')],
  // As they are, but for control bytes.
  ['none', new Escape(/[^ -~\x80-\xff]/, printable, '')],
]);
