// A FastCGI application: takes requests one after the other on each connection, and answers with bytes as given.
import { createServer } from 'node:net';
import type { Scope } from './cleanup.ts';
import { listen } from './fake-auth.ts';
import { FakeBackend } from './fake-backend.ts';
import { Changes, inTime } from './in-time.ts';
import { ownAddress } from './ports.ts';
import type { Wire } from './wire.ts';

/** What came, one byte per character. */
export interface FastcgiRequest {
  readonly params: ReadonlyMap<string, string>;
  /** In their order, also those that came twice. */
  readonly names: readonly string[];
  readonly stdin: string;
  readonly keepsConnection: boolean;
  readonly role: number;
  /** Types of the records, and how long their contents were. */
  readonly records: readonly (readonly [type: number, length: number, padding: number])[];
  /** Which one of the connection's requests it is, counted from 0, and which connection. */
  readonly ordinal: number;
  readonly connection: number;
}

/** Bytes one piece after the other, and then the end; or what becomes of the connection in their place. */
export type FastcgiReply =
  | Buffer
  | { readonly pieces: readonly Buffer[] }
  | { readonly bytes: Buffer; readonly ending: 'close' | 'reset' | 'hang' }
  | 'close'
  | 'reset'
  | 'hang';

export interface FastcgiBackend {
  readonly server: FakeBackend;
  /** `HOST:PORT`, or `unix:PATH`. */
  readonly at: string;
  readonly requests: readonly FastcgiRequest[];
  /** Waits for the request with this index, counted from 0. */
  request(index: number): Promise<FastcgiRequest>;
}

/** Longer than any test waits. */
const PATIENCE_MS = 60_000;

/** @param where a unix socket, or any port */
export async function startFastcgi(
  scope: Scope,
  reply: (request: FastcgiRequest) => FastcgiReply,
  where: { readonly path?: string } = {},
): Promise<FastcgiBackend> {
  const requests: FastcgiRequest[] = [];
  const arrivals = new Changes();
  const server = createServer({ allowHalfOpen: true });
  const host = ownAddress();
  const { path } = where;
  const port = path === undefined ? await listen(server, host, 0) : 0;
  if (path !== undefined) await inTime(new Promise<void>((done) => server.listen(path, done)), 'a unix socket');
  const backend = new FakeBackend(server, host, port, async (peer, connection) => {
    for (let ordinal = 0; ; ordinal++) {
      const request = { ...(await readRequest(peer)), ordinal, connection };
      requests.push(request);
      arrivals.tell();
      const answer = reply(request);
      if (typeof answer === 'string') return await end(peer, answer);
      if (!Buffer.isBuffer(answer) && 'pieces' in answer) {
        for (const piece of answer.pieces) await peer.send(piece);
      } else {
        await peer.send(Buffer.isBuffer(answer) ? answer : answer.bytes);
        if (!Buffer.isBuffer(answer)) return await end(peer, answer.ending);
      }
      if (!request.keepsConnection) return;
    }
  });
  scope.after(() => backend.close());
  return {
    server: backend,
    at: path === undefined ? `${host}:${port}` : `unix:${path}`,
    requests,
    request: (index) => arrivals.until(() => requests[index], `request ${index} to the application`),
  };
}

async function end(peer: Wire, how: 'close' | 'reset' | 'hang'): Promise<void> {
  if (how === 'hang') await peer.closed(PATIENCE_MS);
  if (how === 'reset') peer.reset();
}

async function readRequest(peer: Wire): Promise<Omit<FastcgiRequest, 'ordinal' | 'connection'>> {
  const records: [number, number, number][] = [];
  const streams = new Map<number, Buffer[]>();
  let begin = Buffer.alloc(8);
  for (;;) {
    const head = await peer.bytes(8, PATIENCE_MS);
    const [type = 0, length, padding = 0] = [head[1], head.readUInt16BE(4), head[6]];
    const content = Buffer.from(await peer.bytes(length, PATIENCE_MS));
    await peer.bytes(padding, PATIENCE_MS);
    records.push([type, length, padding]);
    if (type === 1) begin = content;
    else streams.set(type, [...(streams.get(type) ?? []), content]);
    if (type === 5 && length === 0) break;
  }
  const pairs = readPairs(Buffer.concat(streams.get(4) ?? []));
  const stdin = Buffer.concat(streams.get(5) ?? []).toString('latin1');
  const names = pairs.map(([name]) => name);
  const keepsConnection = (begin[2] ?? 0) === 1;
  return { params: new Map(pairs), names, stdin, keepsConnection, role: begin.readUInt16BE(0), records };
}

function readPairs(bytes: Buffer): [string, string][] {
  const pairs: [string, string][] = [];
  let at = 0;
  const length = (): number => {
    const first = bytes[at] ?? 0;
    const isLong = first >= 128;
    const value = isLong ? bytes.readUInt32BE(at) & 0x7fff_ffff : first;
    at += isLong ? 4 : 1;
    return value;
  };
  const text = (count: number): string => {
    at += count;
    return bytes.toString('latin1', at - count, at);
  };
  while (at < bytes.length) {
    const [name, value] = [length(), length()];
    pairs.push([text(name), text(value)]);
  }
  return pairs;
}

const STDOUT = 6;
const STDERR = 7;
const MAX = 65_535;

/** One record, or several where the content is long. */
export function record(type: number, content: string | Buffer, padding = 0, id = 1): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const out: Buffer[] = [];
  for (let from = 0; from === 0 || from < bytes.length; from += MAX) {
    const part = bytes.subarray(from, from + MAX);
    out.push(Buffer.of(1, type, id >> 8, id & 255, part.length >> 8, part.length & 255, padding, 0), part);
    out.push(Buffer.alloc(padding, '.'));
  }
  return Buffer.concat(out);
}

/** @param status of the application @param protocol 0: the request is complete */
export const endRequest = (status = 0, protocol = 0): Buffer =>
  record(3, Buffer.of(status >> 24, status >> 16, status >> 8, status, protocol, 0, 0, 0));

export const stdout = (text: string | Buffer, padding?: number): Buffer => record(STDOUT, text, padding);
export const stderr = (text: string, padding?: number): Buffer => record(STDERR, text, padding);

/** Head and body, and the end of the request. */
export const answer = (text: string): Buffer => Buffer.concat([stdout(text), stdout(''), endRequest()]);

/** A head and a short body, and the end of the request. */
export const okAnswer = (body: string, ...fields: readonly string[]): Buffer =>
  answer(['Content-Type: text/plain', ...fields, '', body].join('\r\n'));
