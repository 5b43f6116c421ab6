// Prometheus takes the metrics, and its exporter for nginx reads stub_status and the api as it reads those of nginx.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Child, run } from '../support/children.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { bodyOf } from '../support/http-exchange.ts';
import { metric, readMetrics } from '../support/metrics.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { listens, until } from '../support/processes.ts';
import { missing, program } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';

const CONFIG = (auth: string, backend: string): string => `mail {
  auth_http ${auth};
  resolver 127.0.0.1:9 status_zone=dns;
  upstream be { zone be 64k; server ${backend}; server 127.0.0.1:9 down; }
  server { listen @imap@; protocol imap; status_zone "quote \\" Zo\xc3\xab"; }
}
http {
  access_log off;
  server {
    listen @web@;
    status_zone web;
    location /api { api; status_zone api; }
    location = /metrics { prometheus; }
    location = /status { stub_status; }
  }
}`;

async function start(scope: Scope): Promise<MailServer> {
  const backend = await startBackend(scope, imapBackend);
  const auth = await startAuth(scope, () => accept(backend));
  const server = await startServer(scope, { config: CONFIG(auth.url, `${backend.host}:${backend.port}`) });
  const wire = await server.connect('imap');
  scope.after(() => wire.destroy());
  await wire.line();
  await wire.send('a LOGIN someone secret\r\n');
  await wire.expectLine(/^a OK/);
  return server;
}

test('promtool finds nothing wrong with the metrics', {
  skip: missing(['promtool'], defaultTarget().missing()),
}, async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const server = await start(scope);
  const text = Buffer.from(await bodyOf(server, 'web', { target: '/metrics' }), 'latin1');
  const { code, stdout, stderr } = await run('promtool', ['check', 'metrics'], { input: text });
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
  // It does find what is wrong.
  const wrong = await run('promtool', ['check', 'metrics'], { input: Buffer.from('# TYPE a counter\na{b="\\x"} 1\n') });
  assert.notEqual(wrong.code, 0);
});

const EXPORTER = 'prometheus-nginx-exporter';

/** What the exporter makes of a page. */
async function exported(scope: Scope, server: MailServer, ...args: readonly string[]): Promise<string> {
  const host = ownAddress();
  const port = await freePort(host);
  const child = new Child(program(EXPORTER) ?? EXPORTER, [`-web.listen-address=${host}:${port}`, ...args]);
  scope.after(async () => void (await child.stop(['SIGTERM', 'SIGKILL'])));
  await until(() => listens(host, port) || child.exit !== undefined, 'the exporter');
  assert.equal(child.exit, undefined, child.stderr);
  const answer = await fetch(`http://${host}:${port}/metrics`);
  assert.equal(server.at('web').port > 0 && answer.status, 200);
  return answer.text();
}

const skipExporter = missing([EXPORTER], defaultTarget().missing());

test('the exporter for nginx reads stub_status', { skip: skipExporter }, async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const server = await start(scope);
  const { host, port } = server.at('web');
  const text = await exported(scope, server, `-nginx.scrape-uri=http://${host}:${port}/status`);
  const families = readMetrics(ofNginx(text), 'prometheus');
  assert.equal(metric(families, 'nginx_up'), 1);
  assert.equal(metric(families, 'nginx_connections_active'), 2);
});

test('the exporter for NGINX Plus reads the api', { skip: skipExporter }, async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const server = await start(scope);
  const { host, port } = server.at('web');
  const text = await exported(scope, server, '-nginx.plus', `-nginx.scrape-uri=http://${host}:${port}/api`);
  const families = readMetrics(ofNginx(text), 'prometheus');
  assert.equal(metric(families, 'nginxplus_up'), 1);
  assert.ok(metric(families, 'nginxplus_connections_accepted') >= 2);
  assert.equal(metric(families, 'nginxplus_connections_dropped'), 0);
  const [web, api] = [{ server_zone: 'web' }, { location_zone: 'api' }];
  assert.ok(metric(families, 'nginxplus_server_zone_requests', web) >= 1);
  assert.ok(metric(families, 'nginxplus_server_zone_responses', { ...web, code: '2xx' }) >= 1);
  assert.ok(metric(families, 'nginxplus_location_zone_sent', api) > 0);
  assert.equal(metric(families, 'nginxplus_resolver_noerror', { resolver: 'dns' }), 0);
});

/** Without what the exporter tells of itself, and with the names of counters as we have them. */
function ofNginx(text: string): string {
  const lines = text.split('\n').filter((line) => /^(?:# \w+ )?nginx(?:plus)?_/.test(line));
  return `${lines.join('\n')}\n`.replace(/^(# TYPE \S+) counter$/gm, '$1 gauge');
}
