// expires: the Expires and Cache-Control lines, which statuses have them, and what an upstream has said.
import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http {
  access_log off;
  server {
    listen @web@;
    root @DIR@;
    location = /hour { expires 1h; return 200 x; }
    location = /past { expires -1h; return 200 x; }
    location = /zero { expires 0; return 200 x; }
    location = /epoch { expires epoch; return 200 x; }
    location = /max { expires max; return 200 x; }
    location = /off { expires off; return 200 x; }
    location = /day { expires @15h30m; return 200 x; }
    location = /modified { expires modified 1h; return 200 x; }
    location = /value { expires $arg_e; return 200 x; }
    location = /changed { expires modified $arg_e; return 200 x; }
    location = /missing { expires 1h; return 404; }
    location = /moved { expires 1h; return 302 /x; }
    location = /more { expires 1h; add_header Cache-Control public; add_header X-Other 1; return 200 x; }
    location = /file.txt { expires modified 20000d; }
    location = /old.txt { expires modified 1h; try_files /file.txt =404; }
    location /inherited { expires 1h;
      location /inherited/own { expires epoch; return 200 x; }
      location /inherited/if { if ($arg_a) { expires max; } return 200 x; }
      location /inherited/not { return 200 x; } }
    location = /passed { expires $arg_e; proxy_pass http://@up@/; }
  }
  server {
    listen @up@;
    add_header ETag '"e"';
    add_header Expires "Thu, 01 Jan 2037 00:00:00 GMT";
    add_header Cache-Control no-store; add_header Cache-Control private;
    location / { return 200 up; }
  }
}`;

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const EPOCH = ['Expires: Thu, 01 Jan 1970 00:00:01 GMT', 'Cache-Control: no-cache'];
const MAX = ['Expires: Thu, 31 Dec 2037 23:55:55 GMT', 'Cache-Control: max-age=315360000'];

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG, env: { TZ: 'Asia/Tokyo' } });
  writeFileSync(join(server.dir, 'file.txt'), 'x');
  utimesSync(join(server.dir, 'file.txt'), MODIFIED_S, MODIFIED_S);
});

const MODIFIED_S = Date.UTC(2020, 0, 1) / 1000;

interface Answer {
  /** Seconds since 1970. */
  readonly dateS: number;
  readonly lines: readonly string[];
}

async function ask(target: string): Promise<Answer> {
  const wire = await server.connect('web');
  await wire.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const [head = ''] = (await wire.rest()).toString('latin1').split('\r\n\r\n');
  wire.destroy();
  const lines = head.split('\r\n');
  const date = lines.find((line) => line.startsWith('Date: ')) ?? '';
  const shown = /^(Expires|Cache-Control|X-Other|ETag):/;
  return { dateS: Date.parse(date.slice(6)) / 1000, lines: lines.filter((line) => shown.test(line)) };
}

const until = (seconds: number): string => `Expires: ${new Date(seconds * 1000).toUTCString()}`;

/** So many seconds from now; the clock may go on within an answer. */
async function expectFromNow(target: string, seconds: number, control: string): Promise<void> {
  const { dateS, lines } = await ask(target);
  const wanted = [0, 1].map((late) => [until(dateS + seconds - late), `Cache-Control: ${control}`].join('\n'));
  assert.ok(wanted.includes(lines.join('\n')), `${target}: ${lines}`);
}

test('a time from now, or none at all', async () => {
  await expectFromNow('/hour', HOUR_S, 'max-age=3600');
  await expectFromNow('/past', -HOUR_S, 'no-cache');
  await expectFromNow('/zero', 0, 'max-age=0');
  await expectFromNow('/modified', HOUR_S, 'max-age=3600');
  assert.deepEqual((await ask('/epoch')).lines, EPOCH);
  assert.deepEqual((await ask('/max')).lines, MAX);
  assert.deepEqual((await ask('/off')).lines, []);
});

test('a time of the day is the next one, in local time', async () => {
  const { dateS, lines } = await ask('/day');
  const [, date = '', age = ''] = /^Expires: (.*)\nCache-Control: max-age=(\d+)$/.exec(lines.join('\n')) ?? [];
  assert.match(date, / 06:30:00 GMT$/);
  const aheadS = Date.parse(date) / 1000 - dateS;
  assert.ok(aheadS > -1 && aheadS <= DAY_S, date);
  assert.ok(Math.abs(aheadS - Number(age)) <= 1, age);
});

test('a time from the last change of a file', async () => {
  const { dateS, lines } = await ask('/file.txt');
  const endS = MODIFIED_S + 20_000 * DAY_S;
  assert.equal(lines[1], until(endS));
  const [, age = '0'] = /^Cache-Control: max-age=(\d+)$/.exec(lines[2] ?? '') ?? [];
  assert.ok(Math.abs(endS - dateS - Number(age)) <= 1, lines[2]);
  assert.deepEqual((await ask('/old.txt')).lines.slice(1), [until(MODIFIED_S + HOUR_S), 'Cache-Control: no-cache']);
});

test('a value of the request; one that is none means nothing', async () => {
  await expectFromNow('/value?e=1h', HOUR_S, 'max-age=3600');
  await expectFromNow('/value?e=-1', -1, 'no-cache');
  await expectFromNow('/changed?e=1m', 60, 'max-age=60');
  assert.deepEqual((await ask('/value?e=max')).lines, MAX);
  for (const target of [
    '/value',
    '/value?e=soon',
    '/value?e=off',
    '/value?e=modified',
    '/changed?e=epoch',
    '/changed?e=@1h',
  ]) {
    assert.deepEqual((await ask(target)).lines, [], target);
  }
});

test('redirects have it, failures have not', async () => {
  await expectFromNow('/moved', HOUR_S, 'max-age=3600');
  assert.deepEqual((await ask('/missing')).lines, []);
});

test('levels inherit it, and lines of add_header come behind', async () => {
  await expectFromNow('/inherited/not', HOUR_S, 'max-age=3600');
  await expectFromNow('/inherited/if', HOUR_S, 'max-age=3600');
  assert.deepEqual((await ask('/inherited/own')).lines, EPOCH);
  assert.deepEqual((await ask('/inherited/if?a=1')).lines, MAX);
  const { lines } = await ask('/more');
  assert.deepEqual(lines.slice(1), ['Cache-Control: max-age=3600', 'Cache-Control: public', 'X-Other: 1']);
});

test('what an upstream has said is replaced, where it stands', async () => {
  assert.deepEqual((await ask('/passed?e=max')).lines, ['ETag: "e"', ...MAX]);
  assert.deepEqual((await ask('/passed')).lines, [
    'ETag: "e"',
    'Expires: Thu, 01 Jan 2037 00:00:00 GMT',
    'Cache-Control: no-store',
    'Cache-Control: private',
  ]);
});
