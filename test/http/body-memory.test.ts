// Large bodies in both directions do not become large memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { listen } from '../support/fake-auth.ts';
import { inTime } from '../support/in-time.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';

const MB = 1_000_000;
const PIECE = Buffer.alloc(MB, 'x');
/** What garbage that is not collected yet may come to; the bodies are twice as long. */
const ALLOWED = 100 * MB;

/** The largest memory that the process has had. */
function peak({ pid }: MailServer): number {
  const [, kB = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kB) * 1024;
}

async function startBackend(t: TestContext, answer: RequestListener): Promise<string> {
  const backend = createServer(answer);
  const port = await listen(backend, ownAddress(), 0);
  t.after(() => {
    backend.close();
    backend.closeAllConnections();
  });
  return `${ownAddress()}:${port}`;
}

/** @param length of the body that is sent @returns bytes of the answer */
async function ask(server: MailServer, line: string, length: number): Promise<number> {
  const socket = connect(server.at('http'));
  let count = 0;
  socket.on('data', (chunk: Buffer) => {
    count += chunk.length;
  });
  socket.write(`${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`);
  let left = length;
  const write = (): void => {
    while (left > 0) {
      left -= MB;
      if (!socket.write(PIECE)) return;
    }
  };
  socket.on('drain', write);
  write();
  await inTime(once(socket, 'close'), 'the end of the connection', 60_000);
  return count;
}

test('a request body of 200 MB', { skip: process.platform !== 'linux' && 'it needs /proc' }, async (t) => {
  const lengths: number[] = [];
  const at = await startBackend(t, (request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on('end', () => {
      lengths.push(length);
      response.end('ok');
    });
  });
  const server = await startServer(t, {
    config: `http { access_log off; client_max_body_size 0; server { listen @http@;
      location / { proxy_pass http://${at}; } } }`,
  });
  for (let i = 0; i < 3; i++) await ask(server, 'POST /', 20 * MB);
  const before = peak(server);
  await ask(server, 'POST /', 200 * MB);
  assert.equal(lengths.at(-1), 200 * MB);
  const more = peak(server) - before;
  assert.ok(more < ALLOWED, `${more} bytes more`);
});

test('an answer of 200 MB', { skip: process.platform !== 'linux' && 'it needs /proc' }, async (t) => {
  const at = await startBackend(t, (request, response) => {
    let left = Number(request.url?.slice(1));
    response.setHeader('Content-Length', left * MB);
    const write = (): void => {
      while (left > 0) {
        left--;
        if (!response.write(PIECE)) return;
      }
      response.end();
    };
    response.on('drain', write);
    write();
  });
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; location / { proxy_pass http://${at}; } } }`,
  });
  for (let i = 0; i < 3; i++) await ask(server, 'GET /20', 0);
  const before = peak(server);
  assert.ok((await ask(server, 'GET /200', 0)) > 200 * MB);
  const more = peak(server) - before;
  assert.ok(more < ALLOWED, `${more} bytes more`);
});
