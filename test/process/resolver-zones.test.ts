// What name servers are asked by resolvers with a name, counted over all workers, shown, and begun anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from 'dns-packet';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { Cleanup } from '../support/cleanup.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { smtpBackend, startBackend } from '../support/fake-backend.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { bodyOf, textOf } from '../support/http-exchange.ts';
import { endsWithAll, masterTarget } from '../support/master.ts';
import { metric, readMetrics } from '../support/metrics.ts';
import { startServer } from '../support/server.ts';

const pointer = (n: number): string => `${n}.2.0.192.in-addr.arpa`;
const ptr = (n: number, data: string): Answer => ({ type: 'PTR', name: pointer(n), ttl: 60, data });

const config = (dns: string, auth: string): string => `worker_processes 2;
mail {
  auth_http ${auth};
  resolver ${dns} ipv6=off status_zone=mail_dns;
  set_real_ip_from 127.0.0.0/8;
  server { listen @smtp@ proxy_protocol; protocol smtp; smtp_auth none; }
  server { listen @hasty@ proxy_protocol; protocol smtp; smtp_auth none; resolver_timeout 200ms; }
  server { listen @quiet@; protocol imap; resolver 127.0.0.1:9 status_zone=quiet; }
}
${API_SERVER.replace(
  'location /read',
  `location = /metrics { prometheus; }
    location /proxied { resolver ${dns} ipv6=off status_zone=web_dns; set $host_name nowhere.example; proxy_pass http://$host_name; }
    location /both { resolver ${dns} status_zone=quiet; return 204; }
    location /read`,
)}`;

test('resolvers of mail and http by their names', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const dns = await FakeDns.start();
  scope.after(() => dns.close());
  const backend = await startBackend(scope, smtpBackend);
  const auth = await startAuth(scope, () => accept(backend));
  dns.script(pointer(1), 'PTR', { answers: [ptr(1, 'one.example')] });
  dns.script('one.example', 'A', { answers: [{ type: 'A', name: 'one.example', ttl: 60, data: '192.0.2.1' }] });
  dns.script(pointer(2), 'PTR', { rcode: 2 });
  dns.script(pointer(3), 'PTR', { drop: true }).script(pointer(4), 'PTR', { drop: true });
  dns.script('nowhere.example', 'A', { rcode: 3 });
  const server = await startServer(scope, {
    config: config(`127.0.0.1:${dns.port}`, auth.url),
    target: masterTarget(),
  });
  endsWithAll(scope, server);
  const api = new ApiClient(server);

  const none = { name: 0, srv: 0, addr: 0 };
  const silent = {
    ...{ noerror: 0, formerr: 0, servfail: 0, nxdomain: 0 },
    ...{ notimp: 0, refused: 0, timedout: 0, unknown: 0 },
  };
  const empty = { requests: none, responses: silent };
  assert.deepEqual(await api.get('/resolvers'), { mail_dns: empty, quiet: empty, web_dns: empty });
  assert.deepEqual(await api.get('/mail/resolvers'), { mail_dns: empty, quiet: empty });

  for (const n of [1, 2, 3, 4]) {
    const wire = await server.connect(n > 2 ? 'hasty' : 'smtp');
    await wire.send(`PROXY TCP4 192.0.2.${n} 198.51.100.1 4000 25\r\n`);
    await wire.expectLine(/^220 /);
    wire.destroy();
  }
  assert.equal((await textOf(server, '/proxied')).status, 502);

  const mail = await api.get('/mail/resolvers/mail_dns');

  assert.deepEqual(at(mail, 'requests'), { name: 1, srv: 0, addr: 4 });
  assert.deepEqual(at(mail, 'responses'), { ...silent, noerror: 2, servfail: 1, timedout: 2 });
  const web = { requests: { ...none, name: 1 }, responses: { ...silent, nxdomain: 1 } };
  assert.deepEqual(await api.get('/resolvers'), { mail_dns: mail, quiet: empty, web_dns: web });

  const metrics = readMetrics(await bodyOf(server, 'web', { target: '/metrics' }), 'prometheus');
  assert.equal(metric(metrics, 'postern_resolver_requests_total', { resolver: 'mail_dns', type: 'addr' }), 4);
  assert.equal(metric(metrics, 'postern_resolver_responses_total', { resolver: 'web_dns', outcome: 'nxdomain' }), 1);

  for (const path of ['/mail/resolvers/web_dns', '/resolvers/none']) {
    assert.equal(at((await api.ask(path)).json, 'error', 'code'), 'ResolverZoneNotFound');
  }
  const reset = await textOf(server, '/api/9/resolvers/mail_dns', { method: 'DELETE' });
  assert.deepEqual([reset.status, reset.body], [204, '']);
  assert.deepEqual(await api.get('/resolvers'), { mail_dns: empty, quiet: empty, web_dns: web });
  const { host, port } = server.at('smtp');
  const zone = `/mail/server_zones/${host}:${port}`;
  assert.equal(at(await api.get(zone), 'connections'), 2);
  assert.equal((await textOf(server, `/api/9${zone}`, { method: 'DELETE' })).status, 204);
  assert.equal(at(await api.get(zone), 'connections'), 0);
  assert.equal((await textOf(server, '/read/9/resolvers/web_dns', { method: 'DELETE' })).status, 405);
});
