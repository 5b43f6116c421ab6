// Configurations as packages install them pass -t, and serve the welcome page.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasIpv6 } from '../support/ports.ts';
import { Stock } from '../support/stock.ts';
import { DEBIAN, NGINX_ORG, USES, WELCOME } from '../support/stock-files.ts';
import { defaultTarget } from '../support/target.ts';

/** Users of packages need not exist here. */
const REPLACE = [
  [/^user .*$/m, 'user root;'],
  [/\/etc\/nginx/g, '@DIR@'],
  [/\/var\/log\/nginx/g, '@DIR@/log'],
  [/\/run\/nginx\.pid/g, '@DIR@/nginx.pid'],
  [/\/usr\/share\/nginx\/html|\/var\/www\/html/g, '@DIR@/html'],
] as const;

const WITHOUT_IPV6 = [/^\s*listen \[::\].*$/gm, ''] as const;

const LAST_LINE = /nginx: configuration file \S+ test is successful\n$/;

describe('the configuration of a package', { concurrency: 2 }, () => {
  for (const [name, from] of [
    ['nginx.org', NGINX_ORG],
    ['Debian', DEBIAN],
  ] as const) {
    test(`${name}: it passes -t, and serves the welcome page`, async (t) => {
      const replace = (await hasIpv6()) ? REPLACE : [...REPLACE, WITHOUT_IPV6];
      const stock = await Stock.make(t, defaultTarget(), { from, replace });
      const { code, stdout, stderr } = await stock.test();
      assert.deepEqual([code, stdout], [0, ''], stderr);
      assert.match(stderr, LAST_LINE);
      assert.match(stderr, /^nginx: \[notice\] accepted without effect: .*"sendfile" \(/m);
      assert.doesNotMatch(stderr, /\[(?:emerg|alert|crit|error)\]/);

      await stock.serve(t);
      const answer = await stock.get('/');
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nContent-Type: text\/html\r\n/);
      assert.ok(answer.endsWith(`\r\n\r\n${WELCOME}`), answer);
      assert.match(await stock.get('/nothing'), /^HTTP\/1\.1 404 Not Found\r\n/);
    });
  }

  test('its parameters and snippets in use pass -t', async (t) => {
    const from = { ...NGINX_ORG, ...DEBIAN, 'conf.d/uses.conf': USES };
    const replace = (await hasIpv6()) ? REPLACE : [...REPLACE, WITHOUT_IPV6];
    const stock = await Stock.make(t, defaultTarget(), { from, replace });
    const { code, stderr } = await stock.test();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /"uwsgi_param" \(it means nothing without "uwsgi_pass"\)/);
  });

  test('a page of an error that it names', async (t) => {
    const site = NGINX_ORG['conf.d/default.conf']?.replace(
      'location / {',
      'location /down { return 503; }\n    location / {',
    );
    const stock = await Stock.make(t, defaultTarget(), {
      from: { ...NGINX_ORG, 'conf.d/default.conf': site ?? '' },
      replace: REPLACE,
    });
    await stock.serve(t);
    assert.match(await stock.get('/down'), /^HTTP\/1\.1 503 [\s\S]*<h1>Error<\/h1>/);
  });
});
