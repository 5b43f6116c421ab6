// Requests that come in pieces, or many at once: the answers are the same, and in their order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { answersIn } from '../support/http-answer.ts';
import { CLOSED, chunked, get, KEPT, LAST, post } from '../support/http-cases.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http { access_log off; keepalive_requests 100000;
  server { listen @WEB@; server_name a.test;
    location / { return 200 text; }
    location /number/ { return 200 $uri; }
    location /pass/ { proxy_pass http://@WEB@/; }
  }
}`;

const scope = new Cleanup();
let server: MailServer;

before(async () => {
  server = await startServer(scope, { config: CONFIG });
});
after(() => scope.run());

const SEVERAL =
  get('/') +
  post('/', 'abc') +
  chunked('/pass/', '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n') +
  get('/') +
  LAST;
const ANSWERS = [KEPT, KEPT, KEPT, KEPT, CLOSED];

test('requests that come byte by byte', async () => {
  const wire = await server.connect('WEB');
  for (const byte of SEVERAL) await wire.send(byte);
  assert.deepEqual(answersIn(await wire.rest()), ANSWERS);
  wire.destroy();
});

test('requests that are cut anywhere', async () => {
  for (let at = 0; at < SEVERAL.length; at += 3) {
    const wire = await server.connect('WEB');
    await wire.send(SEVERAL.slice(0, at));
    await wire.send(SEVERAL.slice(at));
    assert.deepEqual(answersIn(await wire.rest()), ANSWERS, `cut at ${at}`);
    wire.destroy();
  }
});

test('thousands of requests at once are answered one by one', async () => {
  const COUNT = 5000;
  const wire = await server.connect('WEB');
  const requests = Array.from({ length: COUNT }, (_, i) => get(`/number/${i}`));
  await wire.send(requests.join('') + LAST);
  const text = (await wire.rest()).toString('latin1');
  wire.destroy();
  const order = [...text.matchAll(/\/number\/(\d+)/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    order,
    Array.from({ length: COUNT }, (_, i) => i),
  );
});

test('a client that closes its side gets its answers', async () => {
  const wire = await server.connect('WEB');
  await wire.send(get('/').repeat(3));
  wire.end();
  assert.deepEqual(answersIn(await wire.rest()), [KEPT, KEPT, KEPT]);
  wire.destroy();
});
