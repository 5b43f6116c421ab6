// The backend's side of a login over TLS: the password is overwritten there too, and nothing outlives a login that is
// given up in the midst of the handshake.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from '../../../../src/mail/command/buffer-pool.ts';
import { begins, type Dialogue, MORE, refused, send } from '../../../../src/mail/session/dialogue.ts';
import { START_TLS, securedLogin, type Upgrade } from '../../../../src/mail/session/upgrade.ts';
import {
  UpstreamLogin,
  type UpstreamResult,
  type UpstreamSettings,
} from '../../../../src/mail/session/upstream-login.ts';
import type { Scope } from '../../../support/cleanup.ts';
import { inTime } from '../../../support/in-time.ts';
import { clientTls, peerOf, plainServer, tlsServer } from '../../../support/tls-backend.ts';
import { TRANSPORTS } from '../../../support/transports.ts';
import { bytes, isZero, stage } from '../doubles.ts';

function* login(secret: Buffer): Dialogue {
  const greeting = yield MORE;
  if (!begins(greeting, bytes('+OK'))) return refused(greeting);
  const reply = yield send(secret, 'sending password to upstream', true);
  return begins(reply, bytes('+OK')) ? { kind: 'logged-in', first: Buffer.from(reply) } : refused(reply);
}

function* upgrade(): Upgrade {
  yield MORE;
  yield send(bytes('STLS\r\n'), 'sending STLS to upstream');
  yield START_TLS;
  return { kind: 'secured', greeting: bytes('+OK\r\n') };
}

const settingsFor = (port: number, mode: 'on' | 'starttls'): UpstreamSettings => ({
  target: { kind: 'inet', address: '127.0.0.1', port },
  address: 'backend',
  timeoutMs: 10_000,
  connectTimeoutMs: undefined,
  bufferSize: 64,
  header: undefined,
  passErrorMessage: false,
  refusalIsClients: false,
  tls: { mode, peer: peerOf(clientTls()) },
});

/** Answers each line, and tells of the first bytes of a handshake instead of answering them. */
async function mute(t: Scope): Promise<{ readonly port: number; readonly hello: Promise<void> }> {
  let heard: () => void = () => {};
  const hello = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const port = await plainServer(t, (socket) => {
    socket.write('+OK hi\r\n');
    socket.on('data', (chunk: Buffer) => {
      if (chunk[0] === 22) heard();
      else socket.write('+OK go\r\n');
    });
  });
  return { port, hello };
}

for (const transport of TRANSPORTS) {
  test(`${transport.name}: a login over TLS overwrites its password`, async (t) => {
    let got = '';
    const port = await tlsServer(t, (socket) => {
      socket.write('+OK hi\r\n');
      socket.on('data', (chunk: Buffer) => {
        got += String(chunk);
        socket.write('+OK in\r\n');
      });
    });
    const { session } = stage({ transport });
    const secret = bytes('PASS secret\r\n');
    const result = new Promise<UpstreamResult>((resolve) =>
      new UpstreamLogin(session, settingsFor(port, 'on'), new BufferPool(), login(secret), resolve).start(),
    );
    const end = await inTime(result, 'the end of the login');
    assert.ok(end.kind === 'logged-in');
    end.upstream.destroy();
    assert.equal(String(end.first), '+OK in\r\n');
    assert.equal(got, 'PASS secret\r\n');
    assert.ok(isZero(secret));
  });

  test(`${transport.name}: a login that is cancelled in the midst of STARTTLS calls nobody`, async (t) => {
    const { port, hello } = await mute(t);
    const { session, recording } = stage({ transport });
    const secret = bytes('PASS secret\r\n');
    const dialogue = securedLogin(upgrade(), login(secret));
    const upstream = new UpstreamLogin(session, settingsFor(port, 'starttls'), new BufferPool(), dialogue, () =>
      assert.fail('nobody waits for it'),
    );
    upstream.start();
    await inTime(hello, 'a ClientHello');
    upstream.cancel();
    await new Promise(setImmediate);
    assert.deepEqual(recording.lines, []);
    upstream.cancel(); // once more does nothing
  });

  test(`${transport.name}: TLS that the settings do not speak of is not begun`, async (t) => {
    const { port } = await mute(t);
    const { session, recording } = stage({ transport });
    const settings = { ...settingsFor(port, 'on'), tls: { mode: 'off' } as const };
    const dialogue = securedLogin(upgrade(), login(bytes('PASS secret\r\n')));
    const result = new Promise<UpstreamResult>((resolve) =>
      new UpstreamLogin(session, settings, new BufferPool(), dialogue, resolve).start(),
    );
    assert.equal((await inTime(result, 'the end of the login')).kind, 'failed');
    assert.match(recording.lines.join(), /data behind its answer to STARTTLS/);
  });
}
