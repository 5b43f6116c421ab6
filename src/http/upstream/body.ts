// The body of a request, read before a peer is asked.
import { readBody } from '../request/read-body.ts';
import type { HttpRequest } from '../request/request.ts';
import type { PassedBody } from './outgoing.ts';

/** @returns undefined: the request has none @throws HttpFault */
export async function bodyToPass(request: HttpRequest): Promise<PassedBody | undefined> {
  const isAnnounced =
    request.header('content-length') !== undefined || request.header('transfer-encoding') !== undefined;
  return isAnnounced ? readBody(request) : undefined;
}
