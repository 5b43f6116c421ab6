// The URI of a request (RFC 3986 section 3.3) as nginx reads it: decoded, slashes merged, dots resolved.
import type { ByteString } from '../../conf/directive.ts';

export interface Target {
  /** Decoded, without arguments. */
  readonly uri: ByteString;
  /** Behind the first `?`, as sent; empty without it. */
  readonly args: ByteString;
  /** Of an absolute URI, as sent. */
  readonly host: ByteString | undefined;
  /** Path and arguments, as sent. */
  readonly sent: ByteString;
}

/** `form`: it is no URI; `path`: its path leads nowhere. */
export type TargetFault = 'form' | 'path';

/** What nginx takes for scheme, host and port, the last two in a group. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/((?:[a-z0-9.-]+|\[[\w.~!$&'()*+,;=:-]+\])?(?::\d*)?)(?=[/?]|$)/i;

/** @param target the second word of the request line @returns a fault: the client gets 400 */
export function parseTarget(target: ByteString, mergeSlashes: boolean): Target | TargetFault {
  const absolute = ABSOLUTE.exec(target);
  const host = absolute?.[1];
  const rest = absolute === null ? target : target.slice(absolute[0].length);
  const withPath = absolute !== null && !rest.startsWith('/') ? `/${rest}` : rest;
  if (!withPath.startsWith('/')) return 'form';
  const fragment = withPath.indexOf('#');
  const whole = fragment < 0 ? withPath : withPath.slice(0, fragment);
  const question = whole.indexOf('?');
  const path = question < 0 ? whole : whole.slice(0, question);
  const uri = normalPath(path, mergeSlashes);
  if (uri === undefined) return 'path';
  return { uri, args: question < 0 ? '' : whole.slice(question + 1), host, sent: rest === '' ? withPath : rest };
}

/** An URI of the configuration, and the arguments behind its `?`. */
export function splitTarget(target: ByteString): { readonly uri: ByteString; readonly args: ByteString } {
  const question = target.indexOf('?');
  return question < 0
    ? { uri: target, args: '' }
    : { uri: target.slice(0, question), args: target.slice(question + 1) };
}

/** @returns undefined: a broken escape, a NUL, or a way above the root */
export function normalPath(path: ByteString, mergeSlashes: boolean): ByteString | undefined {
  const decoded = unescapePath(path);
  if (decoded === undefined) return undefined;
  const out: ByteString[] = [];
  const segments = decoded.split('/').slice(1);
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (segment === '.') {
      if (isLast) out.push('');
    } else if (segment === '..') {
      if (out.length === 0) return undefined;
      out.pop();
      if (isLast) out.push('');
    } else if (segment !== '' || isLast || !mergeSlashes) {
      out.push(segment);
    }
  }
  return `/${out.join('/')}`;
}

function unescapePath(path: ByteString): ByteString | undefined {
  if (!path.includes('%')) return path.includes('\0') ? undefined : path;
  let broken = false;
  const decoded = path.replace(/%(..?)?/gs, (_all, digits: string | undefined) => {
    if (digits === undefined || !/^[0-9a-f]{2}$/i.test(digits)) {
      broken = true;
      return '';
    }
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
  return broken || decoded.includes('\0') ? undefined : decoded;
}

const percent = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

const UNSAFE = /[^!$&-.0-:=@A-Z[\]_a-z~/*+,;()'-]/g;

/** As a path of a URI: what would mean something else there is escaped. */
export const escapePath = (path: ByteString): ByteString => path.replace(UNSAFE, percent);

/** What may stand for itself in an argument is letters, digits, and these. */
const NOT_IN_ARGUMENT = /[^!$'-*,-:=@-[\]_a-z~]/g;

/** As a part of the arguments of a URI. */
export const escapeArgument = (text: ByteString): ByteString => text.replace(NOT_IN_ARGUMENT, percent);

/** An escape, a broken one, or what the path ends with. */
const ESCAPE = /%([0-9a-f]{2})|%[0-9a-f].?|%(.?)|\?/gis;

/** Undoes the escapes in the path of a redirect that are not needed there; what is left of broken ones is nothing. */
export function unescapeRedirect(url: ByteString): ByteString {
  let ended = false;
  return url.replace(ESCAPE, (piece, digits?: string, other?: string) => {
    if (ended) return piece;
    const char = digits === undefined ? piece : String.fromCharCode(Number.parseInt(digits, 16));
    if (char === '?') ended = true;
    if (digits === undefined) return char === '?' ? char : (other ?? '');
    return char >= '&' && char <= '~' ? char : piece;
  });
}
