// The master's listening sockets: kept by their address, all or nothing when new ones are bound.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatAddress, parseUrl } from '../../../../src/core/address.ts';
import type { ListeningSpec } from '../../../../src/net/listen/listening.ts';
import { ListenerTable } from '../../../../src/process/master/listener-table.ts';
import { freePort } from '../../../support/ports.ts';
import { temporaryFolder } from '../../../support/tmp.ts';
import { collectReports } from '../reports.ts';

function spec(text: string): ListeningSpec {
  const url = parseUrl(text, { defaultPort: 0, listen: true, resolve: () => [] });
  assert.ok('addresses' in url, text);
  const [address] = url.addresses;
  return { address, text: formatAddress(address), options: { backlog: 5, ipv6only: true, keepaliveS: undefined } };
}

class Bench {
  readonly table = new ListenerTable();
  readonly #reports = collectReports();
  readonly report = this.#reports.report;
  readonly said = this.#reports.said;

  constructor(t: TestContext) {
    t.after(() => this.table.closeAll(true));
  }

  /** @returns how many are new; undefined: it failed */
  async bind(wanted: readonly ListeningSpec[], patient = true): Promise<number | undefined> {
    return (await this.table.bind(wanted, patient, this.report))?.length;
  }

  get names(): readonly string[] {
    return this.table.sockets.map(({ listening }) => listening.text);
  }
}

const someAddress = async (): Promise<ListeningSpec> => spec(`127.0.0.1:${await freePort('127.0.0.1')}`);

test('a socket stays the same while its address is wanted', async (t) => {
  const bench = new Bench(t);
  const [kept, dropped] = [await someAddress(), await someAddress()];
  assert.equal(await bench.bind([kept, dropped]), 2);
  const { fd } = bench.table.of([kept])[0]?.handle ?? { fd: -1 };
  const added = await someAddress();
  assert.equal(await bench.bind([kept, added]), 1);
  bench.table.retain([kept, added], bench.report);
  assert.deepEqual(bench.names, [kept.text, added.text]);
  assert.equal(bench.table.of([kept])[0]?.handle.fd, fd);
  assert.deepEqual(bench.table.of([dropped]), []);
  assert.deepEqual(bench.said, []);
  assert.equal(await bench.bind([dropped]), 1, 'the address is free again');
});

test('where one cannot be bound the new ones are given back, and the old ones stay', async (t) => {
  const bench = new Bench(t);
  const folder = temporaryFolder(t);
  const [old, path] = [await someAddress(), join(folder, 's')];
  await bench.bind([old]);
  assert.equal(await bench.bind([old, spec(`unix:${path}`), spec('192.0.2.1:143')]), undefined);
  assert.deepEqual(bench.names, [old.text]);
  assert.equal(existsSync(path), false);
  assert.deepEqual(bench.said, ['emerg bind() to 192.0.2.1:143 failed (99: Cannot assign requested address)']);
});

test('an address in use is tried again while the others are kept; when it is free all is well', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const bench = new Bench(t);
  const holder = createServer();
  holder.listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const at = holder.address();
  assert.ok(at !== null && typeof at === 'object');
  const taken = spec(`127.0.0.1:${at.port}`);
  const other = await someAddress();
  const binding = bench.bind([taken, other]);
  assert.deepEqual(bench.said, [
    `emerg bind() to ${taken.text} failed (98: Address already in use)`,
    'notice try again to bind() after 500ms',
  ]);
  assert.deepEqual(bench.names, [other.text]);
  holder.close();
  await once(holder, 'close');
  t.mock.timers.tick(500);
  assert.equal(await binding, 2);
});

test('a test passes over an address in use in silence, but over nothing else', async (t) => {
  const bench = new Bench(t);
  const path = join(temporaryFolder(t), 's');
  writeFileSync(path, '');
  assert.equal(await bench.bind([spec(`unix:${path}`)], false), 0);
  assert.deepEqual(bench.said, []);
  assert.equal(await bench.bind([spec('unix:/nonexistent/s')], false), undefined);
  assert.equal(existsSync(path), true, 'what was in the way is not ours');
});

test('the file of a unix socket goes with it, unless another process goes on with the socket', async (t) => {
  const bench = new Bench(t);
  const path = join(temporaryFolder(t), 's');
  await bench.bind([spec(`unix:${path}`)]);
  bench.table.retain([], bench.report);
  assert.equal(existsSync(path), false);
  assert.deepEqual(bench.said, [`warn deleting socket ${path}`]);
  await bench.bind([spec(`unix:${path}`)]);
  const [socket] = bench.table.sockets;
  bench.table.closeAll(false);
  assert.equal(existsSync(path), true);
  socket?.handle.close();
});

test('it listens, and waits for an address only as long as somebody needs it', async (t) => {
  const bench = new Bench(t);
  const [mine, taken] = [await someAddress(), await someAddress()];
  assert.equal(await bench.bind([mine, taken]), 2);
  const other = new Bench(t);
  assert.equal(await other.table.bind([taken, mine], true, other.report, () => true), undefined);
  const inUse = (spec: ListeningSpec): string => `emerg bind() to ${spec.text} failed (98: Address already in use)`;
  assert.deepEqual(other.said, [inUse(taken), inUse(mine), 'notice try again to bind() after 500ms']);
  assert.deepEqual(other.names, []);
});
