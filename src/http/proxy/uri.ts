// The URI that a peer is asked for.
import type { ByteString } from '../../conf/directive.ts';
import type { HttpRequest } from '../request/request.ts';
import { escapePath } from '../request/uri.ts';

/** As the client sent it; undefined where it was changed since. */
function unchanged({ sentUri, asSent }: HttpRequest): ByteString | undefined {
  if (!asSent) return undefined;
  return sentUri.startsWith('/') ? sentUri : `/${sentUri}`;
}

/** The client has escaped nothing, so nothing is escaped. */
const isPlain = ({ internal, sentUri }: HttpRequest): boolean => !internal && !/^[^?]*%/.test(sentUri);

const withArgs = (path: ByteString, args: ByteString): ByteString => (args === '' ? path : `${path}?${args}`);

/**
 * @param own the URI of proxy_pass, which takes the place of the location's prefix; empty: there is none
 * @param prefix of the location that the request stands in
 */
export function upstreamUri(request: HttpRequest, own: ByteString, prefix: ByteString): ByteString {
  const { uri, args, inLocation } = request;
  if (own === '') return unchanged(request) ?? withArgs(escapePath(uri), args);
  // A rewrite within the location has made the whole of it.
  if (!inLocation || !uri.startsWith(prefix)) return withArgs(escapePath(uri), args);
  const rest = uri.slice(prefix.length);
  return withArgs(own + (isPlain(request) ? rest : escapePath(rest)), args);
}
