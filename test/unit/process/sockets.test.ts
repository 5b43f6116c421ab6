// All sockets of a cycle, or none.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatAddress, parseUrl } from '../../../src/core/address.ts';
import { Level } from '../../../src/core/log.ts';
import { acceptOn } from '../../../src/net/bind.ts';
import type { Listening } from '../../../src/net/listening.ts';
import { bindAll, closeAll } from '../../../src/process/sockets.ts';
import { listen } from '../../support/fake-auth.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** No port: the system chooses one. */
const ANY_PORT = '127.0.0.1';

function listening(text: string): Listening {
  const url = parseUrl(text, { defaultPort: 0, listen: true, resolve: () => [] });
  assert.ok('addresses' in url, text);
  const [address] = url.addresses;
  const options = { backlog: 5, ipv6only: true, keepaliveS: undefined };
  return { address, text: formatAddress(address), options, accept: (socket) => socket.destroy() };
}

/** A port that is taken, and how it is given up. */
async function taken(t: TestContext): Promise<{ text: string; free: () => void }> {
  const holder = createServer();
  const port = await listen(holder, '127.0.0.1', 0);
  t.after(() => holder.close());
  return { text: `127.0.0.1:${port}`, free: () => void holder.close() };
}

function reports(): { report: (level: Level, text: string) => void; lines: string[] } {
  const names = new Map(Object.entries(Level).map(([name, level]) => [level, name]));
  const lines: string[] = [];
  return { lines, report: (level, text) => lines.push(`[${names.get(level)}] ${text}`) };
}

test('all are bound, in their order', async (t) => {
  const path = join(temporaryFolder(t), 's');
  const { report, lines } = reports();
  const sockets = await bindAll([listening(ANY_PORT), listening(`unix:${path}`)], true, report);
  assert.deepEqual(
    sockets?.map(({ listening: { text } }) => text),
    ['127.0.0.1:0', `unix:${path}`],
  );
  assert.deepEqual(lines, []);
  closeAll(sockets ?? []);
  assert.equal(existsSync(path), false);
});

test('no sockets are no failure', async () => {
  assert.deepEqual(await bindAll([], true, assert.fail), []);
});

test('a test of the configuration passes over an address in use in silence', async (t) => {
  const { text } = await taken(t);
  const sockets = await bindAll([listening(text), listening(ANY_PORT)], false, assert.fail);
  assert.equal(sockets?.length, 1);
  closeAll(sockets ?? []);
});

for (const patient of [false, true]) {
  test(`any other failure ends it at once, and closes what was bound (${patient ? 'start' : 'test'})`, async (t) => {
    const path = join(temporaryFolder(t), 's');
    const { report, lines } = reports();
    const wanted = [listening(`unix:${path}`), listening('192.0.2.1:143'), listening(ANY_PORT)];
    assert.equal(await bindAll(wanted, patient, report), undefined);
    assert.deepEqual(lines, ['[emerg] bind() to 192.0.2.1:143 failed (99: Cannot assign requested address)']);
    assert.equal(existsSync(path), false);
  });
}

test('an address in use is tried again, the others are tried meanwhile', async (t) => {
  const { text, free } = await taken(t);
  const { report, lines } = reports();
  const sockets = await bindAll([listening(text), listening(ANY_PORT)], true, (level, line) => {
    report(level, line);
    free();
  });
  assert.equal(sockets?.length, 2);
  assert.deepEqual(lines, [
    `[emerg] bind() to ${text} failed (98: Address already in use)`,
    '[notice] try again to bind() after 500ms',
  ]);
  const servers = (sockets ?? []).map((socket) => acceptOn(socket, assert.fail));
  for (const server of servers) server.close();
});
