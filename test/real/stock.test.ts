// The configuration that Debian's package has installed on this machine passes -t, and serves its welcome page.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { hasIpv6 } from '../support/ports.ts';
import { missing, notRoot } from '../support/programs.ts';
import { Stock } from '../support/stock.ts';
import { USES } from '../support/stock-files.ts';
import { defaultTarget } from '../support/target.ts';

const FOLDER = '/etc/nginx';
const PAGE = '/var/www/html/index.nginx-debian.html';
const absent = [`${FOLDER}/sites-available/default`, PAGE].find((path) => !existsSync(path));
const skip = missing([], absent && `${absent} is not installed`, defaultTarget().missing(), notRoot());

async function stockOf(t: Parameters<typeof Stock.make>[0]): Promise<Stock> {
  const withoutIpv6 = (await hasIpv6()) ? [] : [[/^\s*listen \[::\].*$/gm, ''] as const];
  return Stock.make(t, defaultTarget(), {
    from: FOLDER,
    replace: [
      [/\/etc\/nginx/g, '@DIR@'],
      [/\/var\/log\/nginx/g, '@DIR@/log'],
      [/\/run\/nginx\.pid/g, '@DIR@/nginx.pid'],
      ...withoutIpv6,
    ],
  });
}

test('it passes -t, and serves the welcome page to IPv4 and IPv6', { skip }, async (t) => {
  const stock = await stockOf(t);
  const { code, stdout, stderr } = await stock.test();
  assert.deepEqual([code, stdout], [0, ''], stderr);
  assert.match(stderr, /\nnginx: configuration file \S+ test is successful\n$/);
  assert.doesNotMatch(stderr, /\[(?:warn|emerg|alert|crit|error)\]/);
  await stock.serve(t);
  for (const host of (await hasIpv6()) ? [stock.host, '::1'] : [stock.host]) {
    const answer = await stock.get('/', host);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.ok(answer.endsWith(`\r\n\r\n${readFileSync(PAGE, 'latin1')}`), answer);
    assert.match(await stock.get('/nothing', host), /^HTTP\/1\.1 404 Not Found\r\n/);
  }
});

test('its parameters and snippets in use pass -t', { skip }, async (t) => {
  const stock = await stockOf(t);
  const tls = `
  server {
    listen unix:@DIR@/tls.sock ssl;
    server_name tls;
    ssl_certificate ${serverCertificate.cert};
    ssl_certificate_key ${serverCertificate.key};
  }`;
  stock.write('conf.d/uses.conf', USES);
  stock.write('conf.d/tls.conf', tls);
  const { code, stderr } = await stock.test();
  assert.equal(code, 0, stderr);
});
