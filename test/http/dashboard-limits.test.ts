// mail_dashboard: what pages may not do, how many may watch, and what becomes of one that does not listen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dashboardSite } from '../support/dashboard-site.ts';
import { bodyOf } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { BINARY, CLOSE, handshake, PING, PONG, TEXT } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no dashboard';

test('what a page may not say', { skip }, async (t) => {
  const { server, watch, leave } = await dashboardSite(t);
  const closedWith = async (data: string | Buffer, opcode = TEXT): Promise<number> => {
    const page = await watch();
    await page.client.send(data, opcode);
    const code = await page.client.closeCode();
    page.client.wire.destroy();
    return code;
  };
  assert.equal(await closedWith('{"kind":"watch"}', BINARY), 1003);
  assert.equal(await closedWith('hello'), 1007);
  assert.equal(await closedWith('{"kind":"end","id":"1-1"}'), 1007);
  assert.equal(await closedWith(Buffer.from('"\xff"', 'latin1')), 1007);
  assert.equal(await closedWith('x'.repeat(16_385)), 1009);
  await server.waitLog(/\[info\].*client sent a binary frame while feeding a dashboard/);
  await server.waitLog(/\[info\].*client sent a message that means nothing to a dashboard/);

  const page = await watch();
  for (let i = 0; i < 200; i++) await page.ask({ question: i });
  assert.equal(await page.client.closeCode(), 1008);
  await server.waitLog(/\[info\].*client asks too often/);
  leave();
});

test('how many may watch', { skip }, async (t) => {
  const { server, watch, leave } = await dashboardSite(t, {
    dashboard: 'mail_dashboard_viewers 3 address=2;',
    block: 'set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;',
  });
  const status = async (client: string): Promise<number> => {
    const wire = await server.connect('web');
    await wire.send(handshake({ path: '/dashboard/events', headers: [`X-Forwarded-For: ${client}`] }));
    const [, code = ''] = await wire.match(/^HTTP\/1\.1 (\d+)/);
    wire.destroy();
    return Number(code);
  };
  const from = (client: string) => watch({ headers: [`X-Forwarded-For: ${client}`] });
  const [one, two] = [await from('192.0.2.1'), await from('192.0.2.1')];
  assert.equal(await status('192.0.2.1'), 503);
  const three = await from('192.0.2.2');
  assert.equal(await status('192.0.2.3'), 503);
  await server.waitLog(/\[error\].*too many pages watch already/);
  for (const page of [one, two, three]) await page.next('now');
  one.client.wire.destroy();
  const free = async (): Promise<boolean> => (await status('192.0.2.1')) === 101;
  while (!(await free()));
  leave();
});

test('a silent page is pinged, and let go', { skip }, async (t) => {
  const { server, watch, leave } = await dashboardSite(t, {
    dashboard: 'websocket_ping 50ms; websocket_timeout 3s;',
  });
  const [page, other] = [await watch(), await watch()];
  let pings = 0;
  while (pings < 3) {
    const { opcode } = await page.client.frame();
    if (opcode !== PING) continue;
    pings++;
    await page.client.send('', PONG);
  }
  await other.client.wire.closed();
  await server.waitLog(/client timed out \(110: Connection timed out\) while feeding a dashboard/);
  leave();
});

test('a page that may be silent for any time is pinged all the same', { skip }, async (t) => {
  const { watch, leave } = await dashboardSite(t, { dashboard: 'websocket_ping 50ms; websocket_timeout 0;' });
  const page = await watch();
  for (let pings = 0; pings < 3; ) if ((await page.client.frame()).opcode === PING) pings++;
  leave();
});

/** The largest memory that the process has had. */
function peak({ pid }: MailServer): number {
  const [, kB = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kB) * 1024;
}

const MB = 1_048_576;
/** If each of them were sent all that it asks for, it would be 70. */
const ALLOWED = 40 * MB;
const DEAF = 25;
const QUESTIONS = 20;
const DROPPED = 'client takes too little of what a dashboard says';

test('pages that do not listen are dropped, and not waited for', { skip }, async (t) => {
  const { server, watch, enter, leave } = await dashboardSite(t, {
    dashboard: 'mail_dashboard_viewers 32 address=32;',
  });
  // In JSON each character is six.
  for (let i = 0; i < 80; i++) await enter('\x01'.repeat(256));
  const reader = await watch();
  await reader.ask({});
  await reader.next('sessions');
  const before = peak(server);
  const deaf = await Promise.all(Array.from({ length: DEAF }, () => watch({}, 'unix')));
  for (const page of deaf) {
    page.client.wire.socket.pause();
    for (let question = 0; question < QUESTIONS; question++) await page.ask({ question });
  }
  const areDropped = (text: string): true | undefined => text.split(DROPPED).length > DEAF || undefined;
  assert.ok(await server.log.waitUntil(areDropped, 60_000));
  t.diagnostic(`${(peak(server) - before) / MB} MiB`);
  assert.ok(peak(server) - before < ALLOWED, `${(peak(server) - before) / MB} MiB`);
  const { sessions } = await reader.next('sessions');
  assert.equal(sessions.length, 80);
  leave();
});

test('a page that goes, and a server that goes', { skip }, async (t) => {
  const { server, watch, leave } = await dashboardSite(t, { locations: 'location /status { stub_status; }' });
  const page = await watch();
  await page.next('now');
  await page.client.send(Buffer.from([0x03, 0xe8]), CLOSE);
  assert.equal(await page.client.closeCode(), 1000);
  await page.client.wire.closed();
  page.client.wire.destroy();
  await new LogFile(join(server.dir, 'access.log')).wait(/ GET \/dashboard\/events HTTP\/1\.1 101 \d{3,}\n/);

  const [quitting, silent] = [await watch(), await watch()];
  for (const one of [quitting, silent]) await one.next('now');
  silent.client.wire.socket.pause();
  const late = await server.connect('web');
  const request = handshake({ path: '/dashboard/events' });
  await late.send(request.slice(0, 40));
  const isRead = async (): Promise<boolean> => /^Reading: 1 /m.test(await bodyOf(server, 'web', { target: '/status' }));
  while (!(await isRead()));
  server.signal('SIGQUIT');
  await server.waitLog(/gracefully shutting down/);
  await late.send(request.slice(40));
  await late.match(/^HTTP\/1\.1 503 /);
  late.destroy();
  assert.equal(await quitting.client.closeCode(), 1012);
  await server.waitLog(/\[notice\].* exit\n/);
  leave();
});

test('TERM tells pages that it goes', { skip }, async (t) => {
  const { server, watch, leave } = await dashboardSite(t);
  const page = await watch();
  await page.next('now');
  server.signal('SIGTERM');
  assert.equal(await page.client.closeCode(), 1001);
  leave();
});
