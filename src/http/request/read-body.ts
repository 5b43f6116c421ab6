// Reads the body of a request, within what its location allows.
import { Level } from '../../core/log.ts';
import { clientModule } from '../connection/client-module.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { BodyFile } from './body-file.ts';
import { requestBodyModule } from './body-module.ts';
import type { ReceivedBody } from './body-store.ts';
import type { HttpRequest } from './request.ts';

/** The whole body; it is there until the request has ended. @throws HttpFault where it is too large, broken, or does not come */
export async function readBody(request: HttpRequest): Promise<ReceivedBody> {
  if (request.received !== undefined) return request.received;
  const { bufferSize, temporary } = request.conf(requestBodyModule.loc);
  const body = await request.body.read({
    size: request.conf(httpCoreModule.loc).clientMaxBodySize,
    timeoutMs: request.conf(clientModule.loc).clientBodyTimeoutMs,
    store: {
      memory: memoryFor(request.header('content-length'), bufferSize),
      folder: request.client.services.temporary(temporary),
      onFile: ({ path }) =>
        request.log.write(Level.warn, `a client request body is buffered to a temporary file ${path}`, request),
    },
  });
  request.received = body;
  if (body instanceof BodyFile) {
    if (request.output.closed) body.release();
    else request.output.once('close', () => body.release());
  }
  return body;
}

/** A body that is a little longer than the buffer gets a longer one. */
function memoryFor(announced: string | undefined, bufferSize: number): number {
  const length = Number(announced ?? 0);
  return length <= bufferSize + Math.floor(bufferSize / 4) ? Math.max(length, bufferSize) : bufferSize;
}
