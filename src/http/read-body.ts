// Reads the body of a request, within what its location allows.
import { clientModule } from './client-module.ts';
import { httpCoreModule } from './core-module.ts';
import type { HttpRequest } from './request.ts';

/** The whole body. @throws HttpFault where it is too large, broken, or does not come */
export async function readBody(request: HttpRequest): Promise<Buffer> {
  if (request.received !== undefined) return request.received;
  const size = request.conf(httpCoreModule.loc).clientMaxBodySize;
  const timeoutMs = request.conf(clientModule.loc).clientBodyTimeoutMs;
  request.received = await request.body.read({ size, timeoutMs });
  return request.received;
}
