// Which pages may open a WebSocket: browsers name the origin of theirs (RFC 6455, 10.2), and others need not.
import { type ByteString, Fault } from '../../conf/directive.ts';

/** `same`: pages of this very host. A list has origins as browsers write them. */
export type OriginRule = 'same' | 'any' | readonly ByteString[];

export interface OriginRequest {
  readonly origin: ByteString | undefined;
  /** The Host line. */
  readonly host: ByteString | undefined;
  readonly isTls: boolean;
}

/** Without a path. Names of other letters than these are in ASCII there (`xn--…`). */
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[!$-.0-9:;=[\]_a-z~]+)$/;
const HTTP_ORIGIN = /^(https?):\/\/(.*)$/;

export function parseOrigins(words: readonly ByteString[]): OriginRule | Fault {
  const [first] = words;
  if (words.length === 1 && (first === 'same' || first === 'any')) return first;
  const origins = words.map((word) => word.toLowerCase());
  const bad = origins.find((origin) => !ORIGIN.test(origin));
  return bad === undefined ? origins.map(asBrowsersSay) : new Fault(`invalid origin "${bad}"`);
}

/** Without an origin it is no browser: nobody's page is behind it, and it could say what it likes. */
export function admitsOrigin(rule: OriginRule, { origin, host, isTls }: OriginRequest): boolean {
  if (origin === undefined || rule === 'any') return true;
  const asked = origin.toLowerCase();
  if (rule !== 'same') return rule.includes(asked);
  const [, scheme, authority = ''] = HTTP_ORIGIN.exec(asked) ?? [];
  // A page in clear, which anybody on the way may have written, is not the same as one over TLS.
  if (scheme === undefined || host === undefined || (isTls && scheme !== 'https')) return false;
  const usual = usualPort(scheme);
  return withoutEnd(authority, usual) === withoutEnd(host.toLowerCase(), usual);
}

/** They leave out the usual port. */
function asBrowsersSay(origin: ByteString): ByteString {
  const [, scheme] = HTTP_ORIGIN.exec(origin) ?? [];
  return scheme === undefined ? origin : withoutEnd(origin, usualPort(scheme));
}

const usualPort = (scheme: ByteString): string => (scheme === 'https' ? ':443' : ':80');

const withoutEnd = (text: ByteString, end: string): ByteString =>
  text.endsWith(end) ? text.slice(0, -end.length) : text;
