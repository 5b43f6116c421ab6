// The body of a request, read before a peer is asked.
import { Level } from '../../core/log.ts';
import { httpCoreModule } from '../core-module.ts';
import type { HttpRequest } from '../request.ts';

const BAD_REQUEST = 400;
const TOO_LARGE = 413;

/** @returns undefined: the request has none; a number: the status that ends it */
export async function readBody(request: HttpRequest): Promise<Buffer | undefined | number> {
  if (request.header('content-length') === undefined && request.header('transfer-encoding') === undefined) {
    return undefined;
  }
  const { clientMaxBodySize } = request.conf(httpCoreModule.loc);
  try {
    const body = await request.body(clientMaxBodySize);
    if (body !== undefined) return body;
  } catch {
    request.log.write(Level.info, 'client prematurely closed connection', request);
    return BAD_REQUEST;
  }
  request.error('client intended to send too large chunked body');
  return TOO_LARGE;
}
