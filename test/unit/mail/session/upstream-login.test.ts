// The backend's side of a login over a real socket: the proxy buffer, and every way in which it can fail.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { BufferPool } from '../../../../src/mail/command/buffer-pool.ts';
import { begins, type Dialogue, MORE, refused, send } from '../../../../src/mail/session/dialogue.ts';
import {
  UpstreamLogin,
  type UpstreamResult,
  type UpstreamSettings,
} from '../../../../src/mail/session/upstream-login.ts';
import { StreamConnection } from '../../../../src/net/stream-connection.ts';
import { listen } from '../../../support/fake-auth.ts';
import { inTime } from '../../../support/in-time.ts';
import { NextClient } from '../../net/next-client.ts';
import { bytes, CLIENT, isZero, type Stage, stage } from '../doubles.ts';

interface Result extends Stage {
  readonly result: UpstreamResult;
  /** What the backend got. */
  readonly got: string;
  readonly secret: Buffer;
}

/** Greeting, NAME, PASS. The answer to NAME may have several lines: `+OK-` until a `+OK `. */
function* dialogue(secret: Buffer): Dialogue {
  let reply = yield MORE;
  if (!begins(reply, bytes('+OK'))) return refused(reply);
  reply = yield send(bytes('NAME\r\n'), 'sending user name to upstream');
  while (begins(reply, bytes('+OK-')) && !reply.includes('+OK ')) reply = yield MORE;
  if (!begins(reply, bytes('+OK'))) return refused(reply);
  reply = yield send(secret, 'sending password to upstream', true);
  return begins(reply, bytes('+OK')) ? { kind: 'logged-in', first: reply } : refused(reply);
}

/** Without how far it came. */
const failure = (result: UpstreamResult) =>
  result.kind === 'failed' ? { kind: result.kind, reply: result.reply } : result;

type Backend = (socket: Socket, line: string) => void;

/** Logs in to a backend that is told of each line, and of '' when the connection is there. */
async function login(t: TestContext, backend: Backend, settings: Partial<UpstreamSettings> = {}): Promise<Result> {
  let got = '';
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      backend(socket, chunk.toString('latin1'));
    });
    backend(socket, '');
  });
  const port = await listen(server, '127.0.0.1', 0);
  t.after(() => server.close());
  const on = stage();
  const secret = bytes('PASS\r\n');
  const all: UpstreamSettings = {
    target: { kind: 'inet', address: '127.0.0.1', port },
    address: 'backend',
    timeoutMs: 10_000,
    connectTimeoutMs: undefined,
    bufferSize: 64,
    header: undefined,
    passErrorMessage: false,
    refusalIsClients: false,
    tls: { mode: 'off' },
    ...settings,
  };
  const told = new Promise<Result>((resolve) => {
    let calls = 0;
    const done = (result: UpstreamResult): void => {
      assert.equal(++calls, 1, 'called once');
      if (result.kind === 'logged-in') t.after(() => result.upstream.destroy());
      setImmediate(() => resolve({ ...on, result, got, secret }));
    };
    new UpstreamLogin(on.session, all, new BufferPool(), dialogue(secret), done).start();
  });
  return inTime(told, 'the end of the login');
}

const ANSWERS = new Map([
  ['', '+OK hi\r\n'],
  ['NAME\r\n', '+OK\r\n'],
  ['PASS\r\n', '+OK in\r\n'],
]);

/** A backend that is as it should be, but for what is said here. */
function backend(changes: Readonly<Record<string, string | ((socket: Socket) => void)>> = {}): Backend {
  return (socket, line) => {
    const answer = changes[line] ?? ANSWERS.get(line) ?? '';
    if (typeof answer === 'string') socket.write(answer, 'latin1');
    else answer(socket);
  };
}

const reply = ({ result }: Result): string | undefined =>
  result.kind === 'failed' ? result.reply?.toString('latin1') : `in: ${result.first.toString('latin1')}`;

const suffix = (action: string): string => ` while ${action}${CLIENT}`;
const READING = suffix('reading response from upstream');

test('a login hands over the connection, paused, with the last reply', async (t) => {
  const result = await login(t, backend({ 'PASS\r\n': '+OK in\r\n' }));
  assert.equal(reply(result), 'in: +OK in\r\n');
  assert.ok(result.result.kind === 'logged-in');
  const { upstream } = result.result;
  assert.ok(upstream instanceof StreamConnection);
  assert.equal(upstream.stream.isPaused(), true);
  assert.equal(result.got, 'NAME\r\nPASS\r\n');
  assert.deepEqual(result.recording.lines, []);
  assert.ok(isZero(result.secret), 'the password is overwritten');
});

test('replies that arrive byte by byte are answered once they are whole', async (t) => {
  const slowly = (text: string) => (socket: Socket) => {
    for (const byte of text) socket.write(byte);
  };
  const result = await login(
    t,
    backend({ '': slowly('+OK hi\r\n'), 'NAME\r\n': slowly('+OK-a\r\n+OK b\r\n'), 'PASS\r\n': slowly('+OK in\r\n') }),
  );
  assert.equal(reply(result), 'in: +OK in\r\n');
  assert.equal(result.got, 'NAME\r\nPASS\r\n');
});

test('the PROXY header goes first, before the greeting', async (t) => {
  const answers = backend({ '': () => {}, 'PROXY UNKNOWN\r\n': '+OK hi\r\n' });
  const result = await login(t, answers, { header: bytes('PROXY UNKNOWN\r\n') });
  assert.equal(result.got, 'PROXY UNKNOWN\r\nNAME\r\nPASS\r\n');
  assert.equal(reply(result), 'in: +OK in\r\n');
});

test('what follows the last reply in one piece belongs to it', async (t) => {
  const result = await login(t, backend({ 'PASS\r\n': '+OK in\r\n* more\r\n' }));
  assert.equal(reply(result), 'in: +OK in\r\n* more\r\n');
});

test('a last reply that fills the buffer is taken, and what is behind it goes along', async (t) => {
  const last = `+OK ${'x'.repeat(58)}\r\n`;
  for (const more of ['', 'more']) {
    const result = await login(t, backend({ 'PASS\r\n': last + more }));
    assert.equal(reply(result), `in: ${last}${more}`);
  }
});

test('a reply that is longer than the buffer ends the login', async (t) => {
  for (const length of [64, 65, 1000]) {
    const { result, recording, got } = await login(t, backend({ 'NAME\r\n': 'x'.repeat(length) }));
    assert.deepEqual(failure(result), { kind: 'failed', reply: undefined });
    assert.deepEqual(recording.lines, [
      `[error] *1 upstream sent too long response line: "${'x'.repeat(63)}"${READING}`,
    ]);
    assert.equal(got, 'NAME\r\n');
  }
});

test('a buffer full of lines that promise another ends the login too', async (t) => {
  for (const rest of ['', '+OK end\r\n']) {
    const { result, recording } = await login(t, backend({ 'NAME\r\n': `${'+OK-xx\r\n'.repeat(8)}${rest}` }));
    assert.deepEqual(failure(result), { kind: 'failed', reply: undefined });
    assert.match(
      recording.lines.join('\n'),
      /^\[error\] \*1 upstream sent too long response line: "(\+OK-xx\\x0D\\x0A){7}/,
    );
  }
});

test('a refusal is an error, and the client is not told what the backend said', async (t) => {
  const result = await login(t, backend({ 'PASS\r\n': '-ERR no\r\n' }));
  assert.equal(reply(result), undefined);
  assert.deepEqual(result.recording.lines, [`[error] *1 upstream sent invalid response: "-ERR no"${READING}`]);
  assert.ok(isZero(result.secret));
});

test('with proxy_pass_error_message it is info, and the client is told', async (t) => {
  const result = await login(t, backend({ '': '-ERR busy\r\n' }), { passErrorMessage: true });
  assert.equal(reply(result), '-ERR busy\r\n');
  assert.deepEqual(result.recording.lines, [`[info] *1 upstream sent invalid response: "-ERR busy"${READING}`]);
  assert.equal(result.got, '');
});

test('a reply that is too long is never passed on', async (t) => {
  const result = await login(t, backend({ '': 'x'.repeat(64) }), { passErrorMessage: true });
  assert.equal(reply(result), undefined);
});

test('a backend that closes, at whichever step, is not logged', async (t) => {
  for (const step of ANSWERS.keys()) {
    const result = await login(t, backend({ [step]: (socket) => socket.end('+OK') }));
    assert.deepEqual(failure(result.result), { kind: 'failed', reply: undefined });
    assert.deepEqual(result.recording.lines, []);
    if (step === 'PASS\r\n') assert.ok(isZero(result.secret));
  }
});

test('a backend that resets, at whichever step, is logged', async (t) => {
  for (const step of ANSWERS.keys()) {
    const result = await login(t, backend({ [step]: (socket) => socket.resetAndDestroy() }));
    assert.deepEqual(result.recording.lines, [`[error] *1 recv() failed (104: Connection reset by peer)${READING}`]);
    if (step === 'PASS\r\n') assert.ok(isZero(result.secret));
  }
});

/** Lets the time limit run out when the proxy has read that many bytes of the connection that it opens next. */
function expires(t: TestContext, bytesRead: number): () => void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const client = new NextClient();
  return () => {
    void client.hasRead(bytesRead).then(() => {
      t.mock.timers.tick(TIMEOUT_MS);
      t.mock.timers.reset();
    });
  };
}

const TIMEOUT_MS = 30;

test('a backend that says nothing is waited for as long as the time limit', async (t) => {
  const actions = ['connecting to upstream', 'sending user name to upstream', 'sending password to upstream'];
  let before = 0;
  for (const [i, [step, answer]] of [...ANSWERS].entries()) {
    const result = await login(t, backend({ [step]: expires(t, before) }), { timeoutMs: TIMEOUT_MS });
    assert.deepEqual(result.recording.lines, [
      `[info] *1 upstream timed out (110: Connection timed out)${suffix(actions[i] ?? '')}`,
    ]);
    assert.deepEqual(failure(result.result), { kind: 'failed', reply: undefined });
    if (step === 'PASS\r\n') assert.ok(isZero(result.secret));
    before += answer.length;
  }
});

test('a part of a reply shows in the action; three bytes and lines that end in LF are no reply', async (t) => {
  for (const part of ['+O', '+\r\n', '+OK\n']) {
    const expire = expires(t, '+OK hi\r\n'.length + part.length);
    const says = (socket: Socket): void => {
      socket.write(part);
      expire();
    };
    const { recording, got } = await login(t, backend({ 'NAME\r\n': says }), { timeoutMs: TIMEOUT_MS });
    assert.deepEqual(recording.lines, [`[info] *1 upstream timed out (110: Connection timed out)${READING}`]);
    assert.equal(got, 'NAME\r\n');
  }
});

test('a refused connection', async (t) => {
  const target = { kind: 'inet', address: '127.0.0.1', port: 1 } as const; // tcpmux: nothing listens there
  const { recording } = await login(t, backend(), { target });
  assert.deepEqual(recording.lines, [`[error] *1 recv() failed (111: Connection refused)${READING}`]);
});

test('a login that is cancelled closes its connection, overwrites the password and calls nobody', async (t) => {
  const { session, recording } = stage();
  const secret = bytes('PASS\r\n');
  const server = createServer();
  const port = await listen(server, '127.0.0.1', 0);
  t.after(() => server.close());
  const settings: UpstreamSettings = {
    target: { kind: 'inet', address: '127.0.0.1', port },
    address: 'backend',
    timeoutMs: 10_000,
    connectTimeoutMs: undefined,
    bufferSize: 64,
    header: undefined,
    passErrorMessage: false,
    refusalIsClients: false,
    tls: { mode: 'off' },
  };
  const upstream = new UpstreamLogin(session, settings, new BufferPool(), dialogue(secret), () =>
    assert.fail('nobody waits for it'),
  );
  const closed = new Promise<void>((resolve) => {
    server.once('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        if (chunk.toString() === 'NAME\r\n') socket.write('+OK\r\n');
        else upstream.cancel();
      });
      socket.once('close', () => resolve());
      socket.write('+OK hi\r\n');
    });
  });
  upstream.start();
  await inTime(closed, 'the close');
  assert.ok(isZero(secret));
  assert.deepEqual(recording.lines, []);
  upstream.cancel(); // once more does nothing
});
