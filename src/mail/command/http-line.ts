// Tells an HTTP request line (RFC 9112 section 3) that came to a mail port: a browser that was tricked into
// speaking to a mail server must not get far.

import { CR, isDigit, LF, SP } from './line-scan.ts';

const DOT = 0x2e;
const COLON = 0x3a;
const SLASH = 0x2f;
const ASTERISK = 0x2a;

const LONGEST_METHOD = 7;
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'PATCH',
  'TRACE',
  'PRI',
]);
const INITIALS: ReadonlySet<number> = new Set([...METHODS].map((method) => method.charCodeAt(0)));
/** Makes letters upper case. */
const UPPER = 0xdf;
const VERSION = 'HTTP/n.n';
const AUTHORITY = Buffer.from('://');

const digitAt = (bytes: Buffer, at: number): boolean => isDigit(bytes[at] ?? 0);

/**
 * Whether the line in `[start, end)`, with or without its line end, is an HTTP request: a method in upper or
 * lower case before something that begins with `/` or `*`, holds `://` or ends in `:port`; or a line that ends in
 * `HTTP/n.n`.
 */
export function isHttpRequestLine(line: Buffer, start: number, end: number): boolean {
  let stop = end;
  while (stop > start && isLineEnd(line[stop - 1])) stop--;
  let from = start;
  while (from < stop && line[from] === SP) from++;
  const bytes = line.subarray(from, stop);
  return endsInVersion(bytes) || isMethodAndTarget(bytes);
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF || byte === SP;
}

function endsInVersion(bytes: Buffer): boolean {
  if (bytes.length < VERSION.length) return false;
  const at = bytes.length - VERSION.length;
  // What tells most lines from it comes first: this is asked of every command.
  return (
    bytes[at + 6] === DOT &&
    digitAt(bytes, at + 7) &&
    digitAt(bytes, at + 5) &&
    bytes.toString('latin1', at, at + 5) === 'HTTP/'
  );
}

function isMethodAndTarget(bytes: Buffer): boolean {
  if (!INITIALS.has((bytes[0] ?? 0) & UPPER)) return false;
  const space = bytes.indexOf(SP);
  if (space === -1 || space > LONGEST_METHOD) return false;
  if (!METHODS.has(bytes.toString('latin1', 0, space).toUpperCase())) return false;
  let from = space;
  while (bytes[from] === SP) from++;
  const next = bytes.indexOf(SP, from);
  return isTarget(bytes.subarray(from, next === -1 ? bytes.length : next));
}

function isTarget(word: Buffer): boolean {
  if (word[0] === SLASH || word[0] === ASTERISK || word.includes(AUTHORITY)) return true;
  let port = word.length;
  while (port > 0 && digitAt(word, port - 1)) port--;
  return port > 0 && port < word.length && word[port - 1] === COLON;
}
