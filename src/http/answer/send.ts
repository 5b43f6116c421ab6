// Sends an answer whose head and body are settled, as fast as the client takes it.
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { HttpRequest } from '../request/request.ts';
import { FileBody } from './file-body.ts';
import { type Head, headSize } from './head.ts';
import { shownStatus } from './status.ts';

/** @param ended called once, when all of it is sent, or never will be */
export function sendAnswer(request: HttpRequest, head: Head, ended: () => void): void {
  const { response, output, client, method } = request;
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    const sent = client.stream?.bytesWritten ?? 0;
    response.bytesSent = sent - client.bytesAccounted;
    response.bodyBytesSent = Math.max(0, response.bytesSent - headSize(head));
    client.bytesAccounted = sent;
    ended();
  };
  output.prependOnceListener('finish', over);
  output.once('close', over);
  output.sendDate = false;
  output.useChunkedEncodingByDefault = response.isChunked; // the head says what is
  output.writeHead(head.status, head.reason, [...head.fields]);
  const { body } = response;
  if (method === 'HEAD' || body === undefined || shownStatus(response.status) === 304 || response.status === 204) {
    response.setBody(undefined);
    output.end();
  } else if (Buffer.isBuffer(body)) {
    output.end(body);
  } else {
    request.action = 'sending response to client';
    if (body instanceof FileBody) pump(request, ownFile(request, body.open()), output);
    else pump(request, body, output);
  }
}

/** Others log what goes wrong with theirs. */
function ownFile(request: HttpRequest, body: Readable): Readable {
  return body.once('error', (error) => request.alert(`${error.message} while sending "${request.uri}"`));
}

/** A body that has not the length that was announced ends the connection: what follows would be taken for it. */
function pump(request: HttpRequest, body: Readable, output: ServerResponse): void {
  const { length } = request.response;
  let count = 0;
  const fail = (): void => {
    body.destroy();
    request.client.stream?.flush();
    request.client.abort();
  };
  if (body.destroyed) {
    fail(); // it broke before anybody looked
    return;
  }
  body.on('data', (chunk: Buffer) => {
    count += chunk.length;
    if (length !== undefined && count > length) fail();
    else if (!output.write(chunk)) body.pause();
  });
  output.on('drain', () => body.resume());
  body.once('end', () => {
    if (length !== undefined && count < length) fail();
    else output.end();
  });
  body.once('error', fail);
  output.once('close', () => body.destroy());
}
