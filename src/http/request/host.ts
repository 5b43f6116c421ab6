// The Host of a request (RFC 9110 section 7.2), as nginx takes it.
import type { ByteString } from '../../conf/directive.ts';
import { lower } from '../../conf/values.ts';

/** @returns in lower case, without port and final dot; undefined: it is none, and the client gets 400 */
export function hostOf(text: ByteString): ByteString | undefined {
  if (/[\0-\x20/\x7f]/.test(text)) return undefined;
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1;
  const colon = text.startsWith('[') ? -1 : text.indexOf(':');
  const end = bracket >= 0 ? bracket + 1 : colon >= 0 ? colon : text.length;
  const host = text.slice(0, end);
  if (host.includes('..')) return undefined;
  const name = lower(host.endsWith('.') ? host.slice(0, -1) : host);
  return name === '' ? undefined : name;
}
