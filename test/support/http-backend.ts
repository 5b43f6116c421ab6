// A backend of an HTTP proxy: takes requests one after the other on each connection, and answers with bytes as given.
import type { Scope } from './cleanup.ts';
import { type BackendScript, type FakeBackend, startBackend } from './fake-backend.ts';
import { Changes } from './in-time.ts';
import type { Wire } from './wire.ts';

/** What came, one byte per character. */
export interface BackendRequest {
  readonly line: string;
  /** Header lines in their order. */
  readonly fields: readonly string[];
  readonly body: string;
  /** Which connection brought it, counted from 0. */
  readonly connection: number;
}

/** The bytes of an answer, or what becomes of the connection in its place. */
export type BackendReply = string | Buffer | 'hang' | 'reset' | 'close';

export interface HttpBackend {
  readonly server: FakeBackend;
  /** `HOST:PORT`. */
  readonly at: string;
  readonly requests: readonly BackendRequest[];
  /** Waits for the request with this index, counted from 0. */
  request(index: number): Promise<BackendRequest>;
}

/** Longer than any test waits. */
const PATIENCE_MS = 60_000;

/** @param reply an answer that is text: head and body; with `Connection: close` in it the connection ends */
export async function startHttpBackend(
  scope: Scope,
  reply: (request: BackendRequest) => BackendReply,
  where: { readonly host?: string; readonly port?: number } = {},
): Promise<HttpBackend> {
  const requests: BackendRequest[] = [];
  const arrivals = new Changes();
  const script: BackendScript = async (peer, connection) => {
    for (;;) {
      const request = { ...(await readRequest(peer)), connection };
      requests.push(request);
      arrivals.tell();
      const answer = reply(request);
      if (answer === 'close') return;
      if (answer === 'hang') await peer.closed(PATIENCE_MS);
      if (answer === 'reset') peer.reset();
      if (answer === 'hang' || answer === 'reset') return;
      await peer.send(answer);
      if (/^connection: close\r$/im.test(answer.toString('latin1'))) return;
    }
  };
  const server = await startBackend(scope, script, where);
  const request = (index: number): Promise<BackendRequest> =>
    arrivals.until(() => requests[index], `request ${index} to the backend`);
  return { server, at: `${server.host}:${server.port}`, requests, request };
}

async function readRequest(peer: Wire): Promise<Omit<BackendRequest, 'connection'>> {
  const [head] = await peer.match(/^[\s\S]*?\r\n\r\n/, PATIENCE_MS);
  const [line = '', ...fields] = head.trimEnd().split('\r\n');
  const length = fields.map((field) => /^content-length: (\d+)$/i.exec(field)?.[1]).find((text) => text !== undefined);
  const body = length === undefined ? '' : (await peer.bytes(Number(length), PATIENCE_MS)).toString('latin1');
  return { line, fields, body };
}

/** `200 OK` with a text, and the connection stays open. */
export const ok = (body: string, ...fields: readonly string[]): string =>
  [`HTTP/1.1 200 OK`, ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n');
