// worker_connections: what counts, and what becomes of a connection that there is no room for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { Arena } from '../support/mail-spec/arena.ts';
import { play } from '../support/mail-spec/transcript.ts';
import { implicitTls } from '../support/mail-spec/transport.ts';
import { logsOut, Master, masterTarget, recordsOf, relays } from '../support/master.ts';
import type { Wire } from '../support/wire.ts';

/** Of every worker: a TCP listener, a unix listener, the channel to the master. */
const OWN = 3;
const SILENT = /worker_connections|Too many open files/;

const few = (count: number): string => `events { worker_connections ${count}; }`;

/** Without the numbers of connections. */
const alerts = (text: string): readonly string[] =>
  recordsOf(text).flatMap((record) => (/^\[(?:alert|crit)\]/.test(record.text) ? [record.text] : []));

/** Closed without a word. */
async function turnedAway(wire: Wire): Promise<void> {
  await wire.closed();
  assert.equal(wire.receivedBytes, 0);
  wire.destroy();
}

/** A place becomes free a moment after its client has gone. */
async function openAtLast(arena: Arena, scope: Scope): Promise<Wire> {
  for (const end = Date.now() + 5000; ; await delay(5)) {
    try {
      return await arena.open(scope, 'imap');
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

test('listeners and the channel take their places, and a client without one is closed at once', async (t) => {
  const master = await Master.start(t, { main: few(OWN + 2), allow: SILENT });
  const [first] = [await master.open(), await master.open()];
  await turnedAway(await master.server.connect('imap'));
  assert.deepEqual(alerts(master.text), [`[alert] ${OWN + 2} worker_connections are not enough`]);
  first.destroy();
  await openAtLast(master.arena, master.scope);
});

test('the auth connection takes a place, which the backend gets after it', async (t) => {
  const master = await Master.start(t, { main: few(OWN + 2), allow: SILENT });
  const { wire, stage } = await master.relayed();
  await logsOut(wire);
  const [full] = [await openAtLast(master.arena, master.scope), await openAtLast(master.arena, master.scope)];
  await play(full, [`C: a LOGIN ${stage.user} secret`, 'S: * BAD internal server error', '--']);
  const suffix = master.arena.suffix('imap', stage.user);
  const expected = `worker_connections are not enough while in http auth state${suffix}`;
  assert.ok(
    alerts(master.text).some((text) => text.replace(/\*\d+ /, '') === `[alert] ${OWN + 2} ${expected}`),
    master.text,
  );
});

test('a session in the relay takes two places; a process without a master has no channel', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const blocks = { imap: { protocol: 'imap' } } as const;
  const arena = await Arena.start(scope, { blocks, main: few(1 + 2), allow: SILENT });
  const stage = await arena.stage(scope, 'imap');
  const wire = await arena.open(scope, 'imap');
  await play(wire, [`C: a LOGIN ${stage.user} secret`, 'S: a OK logged in']);
  await turnedAway(await arena.server.connect('imap'));
  await relays(wire);
  assert.deepEqual(alerts(arena.server.log.text()), ['[alert] 3 worker_connections are not enough']);
});

test('a name server without a place is not asked, and the greeting goes on without it', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const conf = 'resolver 127.0.0.1:9; resolver_timeout 100ms;';
  const blocks = { smtp: { protocol: 'smtp', conf } } as const;
  const arena = await Arena.start(scope, { blocks, target: masterTarget(), main: few(3), allow: SILENT });
  const wire = await arena.open(scope, 'smtp');
  wire.destroy();
  const text = '[alert] 3 worker_connections are not enough while resolving, resolver: 127.0.0.1:9';
  assert.deepEqual(alerts(arena.server.log.text()), [text, text]);
});

test('a TLS client gives its place back', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const blocks = { imap: { protocol: 'imap' } } as const;
  const options = { blocks, transport: implicitTls, target: masterTarget(), main: few(1 + 1 + 1), allow: SILENT };
  const arena = await Arena.start(scope, options);
  for (let round = 0; round < 3; round++) {
    const wire = await openAtLast(arena, scope);
    await play(wire, ['C: a LOGOUT', 'S: * BYE', 'S: a OK completed', '--']);
    wire.destroy();
  }
});

test('where descriptors run out, clients are turned away until some are free again', async (t) => {
  const main = 'worker_rlimit_nofile 64;\nevents { accept_mutex_delay 100ms; }';
  const master = await Master.start(t, { main, allow: SILENT });
  const wires: Wire[] = [];
  let refused = false;
  while (!refused) {
    const wire = await master.server.connect('imap');
    master.scope.after(() => wire.destroy());
    await Promise.race([wire.line(), wire.closed()]);
    if (wire.receivedBytes === 0) refused = true;
    else wires.push(wire);
  }
  assert.ok(wires.length > 4 && wires.length < 64, `${wires.length} connections`);
  const text = 'accept4() failed (24: Too many open files) while accepting new connection on';
  assert.deepEqual(alerts(master.text), [`[crit] ${text} ${master.arena.transport.listenText(master.server, 'imap')}`]);
  for (const wire of wires) wire.destroy();
  await openAtLast(master.arena, master.scope);
});
