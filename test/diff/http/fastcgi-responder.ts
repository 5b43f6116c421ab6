// A FastCGI responder of the differential test (FastCGI 1.0): writes down what it was asked, and answers as it is told.
import type { Scope } from '../../support/cleanup.ts';
import { startBackend } from '../../support/fake-backend.ts';
import type { Wire } from '../../support/wire.ts';

/** What it writes to its standard output, or what becomes of the connection in its place. */
export type FastcgiReply =
  | string
  | { readonly stdout: string; readonly stderr?: string; readonly status?: number }
  | 'close'
  | 'hang';

/** A request as text: parameters in their order, one a line, then the body. */
export type FastcgiScript = (request: string) => FastcgiReply;

const BEGIN = 1;
const END = 3;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;
const STDERR = 7;
const PATIENCE_MS = 60_000;
/** Of the content of one record. */
const LARGEST = 60_000;

export async function startFastcgi(
  scope: Scope,
  script: FastcgiScript,
  where: { readonly host: string; readonly port: number },
): Promise<void> {
  await startBackend(
    scope,
    async (peer) => {
      for (let keeps = true; keeps; ) {
        const { text, keepsConnection, id } = await readRequest(peer);
        const reply = script(text);
        if (reply === 'hang') await peer.closed(PATIENCE_MS);
        if (reply === 'hang' || reply === 'close') return;
        const { stdout, stderr = '', status = 0 } = typeof reply === 'string' ? { stdout: reply } : reply;
        const end = Buffer.from([0, 0, 0, status, 0, 0, 0, 0]).toString('latin1');
        await peer.send(stream(STDERR, id, stderr) + stream(STDOUT, id, stdout) + record(END, id, end));
        keeps = keepsConnection;
      }
    },
    where,
  );
}

interface Asked {
  readonly text: string;
  readonly id: number;
  readonly keepsConnection: boolean;
}

async function readRequest(peer: Wire): Promise<Asked> {
  let params = '';
  let body = '';
  let keepsConnection = false;
  for (;;) {
    const header = await peer.bytes(8, PATIENCE_MS);
    const type = header.readUInt8(1);
    const id = header.readUInt16BE(2);
    const content = (await peer.bytes(header.readUInt16BE(4), PATIENCE_MS)).toString('latin1');
    await peer.bytes(header.readUInt8(6), PATIENCE_MS);
    if (type === BEGIN) keepsConnection = (content.charCodeAt(2) & 1) === 1;
    else if (type === PARAMS) params += content;
    else if (type === STDIN && content !== '') body += content;
    else if (type === STDIN) return { text: [...pairs(params), '', body].join('\n'), id, keepsConnection };
  }
}

function* pairs(bytes: string): Generator<string> {
  const data = Buffer.from(bytes, 'latin1');
  let at = 0;
  const length = (): number => {
    const short = data.readUInt8(at);
    at += short < 128 ? 1 : 4;
    return short < 128 ? short : data.readUInt32BE(at - 4) & 0x7fffffff;
  };
  while (at < data.length) {
    const name = length();
    const value = length();
    yield `${data.toString('latin1', at, at + name)}=${data.toString('latin1', at + name, at + name + value)}`;
    at += name + value;
  }
}

function stream(type: number, id: number, text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at += LARGEST) out += record(type, id, text.slice(at, at + LARGEST));
  return text === '' ? '' : out + record(type, id, '');
}

function record(type: number, id: number, content: string): string {
  const header = Buffer.alloc(8);
  header.writeUInt8(1, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(id, 2);
  header.writeUInt16BE(content.length, 4);
  return header.toString('latin1') + content;
}
