// Ends a request: gives a bare status its page, writes the head and the body, and tells the logs.
import { pipeline } from 'node:stream';
import { httpCoreModule } from './core-module.ts';
import { buildHead } from './head.ts';
import type { Phases } from './phases.ts';
import type { HttpRequest } from './request.ts';
import { builtInPage, closesConnection, shownStatus } from './status.ts';

/** The connection is closed without an answer. */
const NO_ANSWER = 444;
/** The client has closed the connection before it got one. */
const CLIENT_GONE = 499;

export interface Answering {
  readonly phases: Phases;
  /** What the server calls itself for this request: the Server line and the foot of pages. */
  serverName(request: HttpRequest): string;
}

/** @param outcome what the phases came to */
export function answer(request: HttpRequest, outcome: number | 'done', { phases, serverName }: Answering): void {
  const { response, output, client, message } = request;
  const end = (): void => {
    for (const log of phases.logs) log(request);
  };
  if (typeof outcome === 'number') response.status = outcome;
  if (output.destroyed) {
    response.status = CLIENT_GONE;
    if (response.body !== undefined && !Buffer.isBuffer(response.body)) response.body.destroy();
    end();
    return;
  }
  if (response.status === NO_ANSWER) {
    client.socket.destroy();
    end();
    return;
  }
  const server = serverName(request);
  if (typeof outcome === 'number' && response.body === undefined) {
    const page = builtInPage(outcome, server);
    if (page !== undefined) response.setText(page, 'text/html');
    else if (outcome !== 204 && outcome !== 304) response.length = 0;
  }
  for (const filter of phases.filters) filter(request, response);
  const { keepaliveMs, keepaliveRequests, sendTimeoutMs } = request.conf(httpCoreModule.loc);
  const wants = output.shouldKeepAlive && !client.closing && !closesConnection(response.status);
  const head = buildHead(request, server, wants && keepaliveMs > 0 && client.requests < keepaliveRequests);
  if (!head.keepsAlive) client.closing = true;
  client.keepaliveMs = keepaliveMs;
  output.sendDate = false;
  client.socket.setTimeout(sendTimeoutMs);
  // Waiting for an upstream is not the client's fault: it is asked whether there is something to send.
  output.on('timeout', () => {
    if (output.writableLength > 0) client.socket.destroy();
    else client.socket.setTimeout(sendTimeoutMs);
  });
  output.writeHead(head.status, head.reason, [...head.fields]);
  const { body } = response;
  const before = client.socket.bytesWritten;
  output.once('close', () => {
    response.bytesSent = client.socket.bytesWritten - before;
    end();
  });
  if (message.method === 'HEAD' || body === undefined || shownStatus(response.status) === 304) {
    if (body !== undefined && !Buffer.isBuffer(body)) body.destroy();
    output.end();
  } else if (Buffer.isBuffer(body)) {
    response.bodyBytesSent = body.length;
    output.end(body);
  } else {
    body.on('data', (chunk: Buffer) => {
      response.bodyBytesSent += chunk.length;
    });
    pipeline(body, output, (error) => {
      if (error !== undefined && error !== null) client.socket.destroy();
    });
  }
}
