// What a client's connection may take of time: silence, slow heads and bodies, answers that nobody reads, idle waits.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { answersIn } from '../support/http-answer.ts';
import { chunked, closing, get, KEPT, request } from '../support/http-cases.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http { root @DIR@;
  log_format t '$request|$status|$body_bytes_sent|$request_completion'; access_log @DIR@/access.log t;
  client_header_timeout 300ms; client_body_timeout 300ms; keepalive_timeout 300ms; send_timeout 300ms;
  lingering_timeout 300ms;
  server { listen @WEB@; server_name a.test;
    location / { return 200 text; }
    location /pass/ { proxy_pass http://@BACK@/; }
    location /large { client_max_body_size 2; return 200 text; }
    location /file { }
  }
  server { listen @BACK@; access_log off; return 200 text; }
}`;

const TIMED_OUT = 'client timed out (110: Connection timed out)';
const SUFFIX = ', client: 127.0.0.1, server: a.test, request: ';
/** More than the kernel keeps for a client that does not read. */
const LARGE = 40_000_000;

const scope = new Cleanup();
let server: MailServer;

before(async () => {
  server = await startServer(scope, { config: CONFIG, files: { file: Buffer.alloc(LARGE) } });
});
after(() => scope.run());

const accessLog = (): LogFile => new LogFile(join(server.dir, 'access.log'));

interface Slow {
  readonly name: string;
  /** Each piece is sent when the one before has had its effect; then the client waits for the end. */
  readonly sent: readonly string[];
  readonly got: readonly string[];
  readonly log?: string;
  readonly line?: string;
}

const SLOW: readonly Slow[] = [
  {
    name: 'a client that says nothing',
    sent: [],
    got: [],
    log: `${TIMED_OUT} while waiting for request, client: 127.0.0.1, server: `,
  },
  {
    name: 'half a request line',
    sent: ['GET /line'],
    got: [],
    log: `${TIMED_OUT} while reading client request line${SUFFIX}"GET /line"`,
    line: 'GET /line|408|0|',
  },
  {
    name: 'half a head',
    sent: ['GET /head HTTP/1.1\r\nHost: a'],
    got: [],
    log: `${TIMED_OUT} while reading client request headers${SUFFIX}"GET /head HTTP/1.1"`,
    line: 'GET /head HTTP/1.1|408|0|',
  },
  { name: 'no second request', sent: [get('/')], got: [KEPT], line: 'GET / HTTP/1.1|200|4|OK' },
  {
    name: 'half a second request',
    sent: [`${get('/')}GET /sec`],
    got: [KEPT],
  },
  {
    name: 'half a body that is read',
    sent: [request('POST', '/pass/body', 'Content-Length: 5'), 'ab'],
    got: [],
    line: 'POST /pass/body HTTP/1.1|408|0|',
  },
  {
    name: 'half a chunked body that is read',
    sent: [chunked('/pass/chunk', '3\r\nab')],
    got: [],
    line: 'POST /pass/chunk HTTP/1.1|408|0|',
  },
  {
    name: 'half a body that nobody reads',
    sent: [request('POST', '/unread', 'Content-Length: 5'), 'ab'],
    got: [KEPT],
    line: 'POST /unread HTTP/1.1|200|4|OK',
  },
  {
    name: 'a body that is too large',
    sent: [request('POST', '/large', 'Content-Length: 5'), 'ab'],
    got: [closing('413 Request Entity Too Large')],
  },
];

for (const { name, sent, got, log, line } of SLOW) {
  test(`http: ${name}`, async () => {
    const wire = await server.connect('WEB');
    for (const piece of sent) await wire.send(piece);
    const bytes = await wire.rest();
    wire.destroy();
    assert.deepEqual(answersIn(bytes), got);
    if (log !== undefined) await server.waitLog(new RegExp(log.replace(/[()[\]/.|]/g, '\\$&')));
    if (line !== undefined) await accessLog().wait(new RegExp(`^${line.replace(/[/.|]/g, '\\$&')}$`, 'm'));
  });
}

test('http: a client that does not read its answer', async () => {
  const wire = await server.connect('WEB');
  wire.socket.pause();
  await wire.send(get('/file'));
  await server.waitLog(/client timed out \(110: Connection timed out\) while sending response to client, client: 127/);
  const [, sent = ''] = await accessLog().wait(/^GET \/file HTTP\/1\.1\|200\|(\d+)\|$/m);
  assert.ok(Number(sent) < LARGE);
  wire.destroy();
});
