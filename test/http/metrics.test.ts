// Metrics and health: both text formats, labels from names of any kind, and every metric in its documentation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { type HttpQuestion, textOf } from '../support/http-exchange.ts';
import { metric, readMetrics } from '../support/metrics.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { ROOT } from '../support/target.ts';

const HOSTILE = ['quote "', 'back\\slash', 'a\nb', '{x="y"} 1', `${Buffer.from('Zoë').toString('latin1')}`, 'bad\xff'];
const quoted = (name: string): string => `"${name.replace(/["\\]/g, '\\$&')}"`;

const CONFIG = `mail {
  auth_http 127.0.0.1:9;
  upstream 'be"\n' { server 127.0.0.1:9; server 127.0.0.1:9; }
  resolver 127.0.0.1:9 status_zone='a"\\ b';
  ${HOSTILE.map((name, i) => `server { listen @imap${i}@; protocol imap; status_zone ${quoted(name)}; }`).join('\n')}
}
http {
  access_log off;
  server {
    listen @web@;
    location = /metrics { prometheus; }
    location = /healthz { healthz; }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});

const get = (target: string, more?: Partial<HttpQuestion>) => textOf(server, target, more);

const OPEN = { headers: ['Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5'] };

test('the format of Prometheus, and OpenMetrics for who asks for it', async () => {
  const plain = await get('/metrics');
  assert.ok(plain.fields.includes('Content-Type: text/plain; version=0.0.4; charset=utf-8'));
  const open = await get('/metrics', OPEN);
  assert.ok(open.fields.includes('Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8'));
  const [one, other] = [readMetrics(plain.text, 'prometheus'), readMetrics(open.text, 'openmetrics')];
  assert.deepEqual(
    one.map(({ name, type, samples }) => [name, type, samples.length]),
    other.map(({ name, type, samples }) => [name, type, samples.length]),
  );
});

test('labels are what the names are, whatever these hold', async () => {
  const families = readMetrics((await get('/metrics')).text, 'prometheus');
  const wanted = ['quote "', 'back\\slash', 'a\nb', '{x="y"} 1', 'Zoë', 'bad\ufffd'];
  for (const name of wanted) {
    assert.equal(metric(families, 'postern_mail_sessions', { server: name, protocol: 'imap' }), 0, name);
  }
  // Servers that stand twice in a group are one.
  assert.equal(metric(families, 'postern_mail_upstream_peer_sessions', { upstream: 'be"\n' }), 0);
});

test('GET and HEAD, and nothing else', async () => {
  const { length } = (await get('/metrics')).body;
  const head = await get('/metrics', { method: 'HEAD' });
  assert.equal(head.body, '');
  assert.ok(head.fields.some((line) => line.startsWith('Content-Length: ')) && length > 0);
  for (const target of ['/metrics', '/healthz']) {
    for (const method of ['POST', 'DELETE']) assert.equal((await get(target, { method })).status, 405);
  }
});

test('a process that serves is healthy', async () => {
  const { status, fields, body } = await get('/healthz');
  assert.deepEqual([status, body], [200, 'ok\n']);
  assert.ok(fields.includes('Cache-Control: no-store'));
});

test('every metric is in its documentation, with its type and its labels, and no other', async () => {
  const families = readMetrics((await get('/metrics')).text, 'prometheus');
  const page = readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(postern_\w+)` \| (\w+) \|([^|]*)\|/gm)];
  const documented = rows.map(([, name, type, labels = '']) => [
    name,
    type,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).join(' '),
  ]);
  const shown = families.map(({ name, type, samples }) => [
    type === 'counter' ? `${name}_total` : name,
    type,
    Object.keys(samples[0]?.labels ?? {})
      .filter((label) => label !== 'le')
      .join(' '),
  ]);
  assert.deepEqual(documented.sort(), shown.sort());
});
