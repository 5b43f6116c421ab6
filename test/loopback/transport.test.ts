// The transport: which one a server takes, what it says of that, and a Node.js whose handles are others.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { startServer } from '../support/server.ts';
import { postern } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** The options of a Node.js that has no such bindings. */
function without(t: Scope, change: string): NodeJS.ProcessEnv {
  const file = join(temporaryFolder(t), 'change.cjs');
  writeFileSync(file, change);
  return { NODE_OPTIONS: `--require ${file}` };
}

const NO_BINDING = 'process.binding = undefined;';
const NO_USER_BUFFER = "delete Object.getPrototypeOf(process.binding('tcp_wrap').TCP.prototype).useUserBuffer;";
const OTHER_BUFFER = "Object.getPrototypeOf(process.binding('tcp_wrap').TCP.prototype).useUserBuffer = () => {};";

/** One login, and the record about the transport. */
async function login(t: Scope, transport: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const backend = await startBackend(t, imapBackend);
  const auth = await startAuth(t, () => accept(backend));
  const server = await startServer(t, {
    target: { ...postern, globals: 'daemon off; master_process off;' },
    config: `${transport === undefined ? '' : `transport ${transport};`}
      mail { auth_http ${auth.url}; server { listen @imap@; protocol imap; } }`,
    env,
  });
  const wire = await server.connect('imap');
  await wire.expectLine('* OK IMAP4 ready\r\n');
  wire.send('a LOGIN joe secret\r\n');
  await wire.expectLine('a OK logged in\r\n');
  wire.destroy();
  const [, text = ''] = await server.waitLog(/\[notice\] \d+#\d+: (using the "\w+" transport: .*)/);
  return text;
}

describe('transport', { concurrency: 4 }, () => {
  test('is by handles where the self-test passes', async (t) => {
    assert.equal(await login(t, undefined), 'using the "handle" transport: the self-test passed');
  });

  for (const name of ['net', 'handle']) {
    test(`is ${name} where that is configured`, async (t) => {
      assert.equal(await login(t, name), `using the "${name}" transport: as configured`);
    });
  }

  for (const [what, change, why] of [
    ['no bindings', NO_BINDING, 'process.binding is not a function'],
    ['a handle without one of its calls', NO_USER_BUFFER, 'this Node.js has another TCP.useUserBuffer'],
    ['handles that read to another place', OTHER_BUFFER, 'bytes were lost'],
  ] as const) {
    test(`is by streams where there are ${what}`, async (t) => {
      assert.equal(
        await login(t, 'auto', without(t, change)),
        `using the "net" transport: the self-test of "handle" failed: ${why}`,
      );
    });

    test(`that is to be by handles is a mistake where there are ${what}`, async (t) => {
      const dir = temporaryFolder(t);
      writeFileSync(join(dir, 'nginx.conf'), 'transport handle; pid nginx.pid; error_log e.log; events {}');
      const env = { ...process.env, ...without(t, change) };
      const args = [...postern.args, '-t', '-p', dir, '-c', 'nginx.conf', '-e', 'stderr'];
      const { code, stderr } = await run(postern.command, args, { env });
      assert.equal(code, 1);
      const text = `: the "handle" transport does not work with Node.js ${process.version}: ${why}\n`;
      assert.ok(stderr.includes(text), stderr);
    });
  }
});
