// A gate before listening sockets: while it is shut, connections wait in the kernel.
import assert from 'node:assert/strict';
import { _createServerHandle, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AcceptGate } from '../../../../src/net/listen/accept-gate.ts';
import { event, turnsUntil } from '../../../support/in-time.ts';
import { temporaryFolder } from '../../../support/tmp.ts';

interface Stage {
  readonly server: Server;
  readonly gate: AcceptGate;
  /** Connects; resolves when the kernel has the connection. */
  open(): Promise<void>;
  accepted: number;
}

/** Listens as workers do: on a descriptor that another handle has bound. */
function stage(t: TestContext, path: string | undefined): Stage {
  const bound = path === undefined ? _createServerHandle('127.0.0.1', 0, 4) : _createServerHandle(path, -1, -1);
  assert.ok(typeof bound !== 'number');
  const name: { port?: number } = {};
  bound.getsockname?.(name);
  const server = createServer((socket) => {
    stage.accepted++;
    t.after(() => socket.destroy());
  });
  server.listen({ fd: bound.fd });
  t.after(() => server.close());
  const gate = new AcceptGate();
  gate.guard([server]);
  const stage: Stage = {
    server,
    gate,
    accepted: 0,
    open: async () => {
      const socket = path === undefined ? connect(name.port ?? 0, '127.0.0.1') : connect(path);
      t.after(() => socket.destroy());
      await event(socket, 'connect');
    },
  };
  return stage;
}

for (const kind of ['TCP', 'unix']) {
  test(`${kind}: what comes while it is shut is accepted when all have opened it again`, async (t) => {
    const on = stage(t, kind === 'unix' ? join(temporaryFolder(t), 's') : undefined);
    const { gate, server } = on;
    let next = event(server, 'connection');
    await on.open();
    await next;
    gate.shut();
    gate.shut();
    await on.open();
    await on.open();
    await on.open(); // the others had their turn of the loop
    assert.equal(on.accepted, 1);
    gate.open();
    await on.open();
    assert.equal(on.accepted, 1);
    next = event(server, 'connection');
    gate.open();
    await next;
    await turnsUntil(() => on.accepted === 5);
  });
}

test('a server that was closed meanwhile is left alone', async (t) => {
  const { gate, server } = stage(t, undefined);
  gate.shut();
  server.close();
  await event(server, 'close');
  gate.open();
});
