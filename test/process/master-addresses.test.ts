// The addresses of a master: it listens from the moment it has bound, so that nobody else gets them meanwhile.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Daemon } from '../support/daemon.ts';
import { freePort, hasIpv6 } from '../support/ports.ts';
import { gone, listens } from '../support/processes.ts';
import { connect } from '../support/wire.ts';

const skip = (await hasIpv6()) ? false : 'no IPv6';

/** What a start says that finds an address in use until the end. */
function inUse(address: string): string {
  const line = `nginx: [emerg] bind() to ${address} failed (98: Address already in use)\n`;
  return `${line.repeat(5)}nginx: [emerg] still could not bind()\n`;
}

describe('addresses that exclude each other', { concurrency: 2 }, () => {
  test('one with a socket of its own, and the wildcard of its port', async (t) => {
    const daemon = await Daemon.prepare(t);
    const { host, port } = daemon;
    daemon.edit(`listen ${host}:${port};`, `listen ${host}:${port} bind; listen *:${port};`);
    assert.deepEqual(await daemon.command(), { code: 1, stdout: '', stderr: inUse(`0.0.0.0:${port}`) });
    assert.deepEqual(daemon.processes, []);
    assert.equal(listens(host, port), false);
  });

  test('IPv6 that takes IPv4 as well, and IPv4', { skip }, async (t) => {
    const daemon = await Daemon.prepare(t);
    const port = await freePort('::');
    daemon.edit(`listen ${daemon.host}:${daemon.port};`, `listen ${port}; listen [::]:${port} ipv6only=off;`);
    assert.deepEqual(await daemon.command(), { code: 1, stdout: '', stderr: inUse(`[::]:${port}`) });
    daemon.edit(' ipv6only=off', '');
    assert.deepEqual(await daemon.command(), { code: 0, stdout: '', stderr: '' });
  });
});

test('of two masters that start at the same moment one has the addresses, and the other says so', async (t) => {
  const daemon = await Daemon.prepare(t);
  const outcomes = await Promise.all([daemon.command(), daemon.command()]);
  const { host, port } = daemon;
  assert.deepEqual(outcomes.map(({ code }) => code).sort(), [0, 1]);
  const stderr = outcomes.find(({ code }) => code === 1)?.stderr ?? '';
  assert.ok(
    stderr.startsWith(`nginx: [emerg] bind() to ${host}:${port} failed (98: Address already in use)\n`),
    stderr,
  );
  assert.ok(stderr.endsWith('nginx: [emerg] still could not bind()\n'), stderr);
  assert.equal(await daemon.capability(), 'ONE');
  const { pid } = daemon;
  process.kill(pid, 'SIGQUIT');
  await gone(pid);
  assert.deepEqual(daemon.processes, []);
});

test('without workers clients wait, until a reload brings some', async (t) => {
  const daemon = await Daemon.start(t, 'worker_processes 0;');
  const clients = await Promise.all([
    connect({ host: daemon.host, port: daemon.port }),
    connect({ path: daemon.path('imap.sock') }),
  ]);
  for (const client of clients) daemon.scope.after(() => client.destroy());
  daemon.edit('worker_processes 0', 'worker_processes 1');
  process.kill(daemon.pid, 'SIGHUP');
  for (const client of clients) await client.expectLine('* OK IMAP4 ready\r\n');
});
