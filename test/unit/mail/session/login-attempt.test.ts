// One login: what the auth server says decides who hears of it, and when.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { LoginAttempt } from '../../../../src/mail/session/login-attempt.ts';
import { listen } from '../../../support/fake-auth.ts';
import { inTime } from '../../../support/in-time.ts';
import { FakeClock } from '../../net/fake-clock.ts';
import { authServerOf, bytes, isZero, Recording, type Stage, serverFrom, stage } from '../doubles.ts';

interface Run extends Stage {
  readonly attempt: LoginAttempt;
  /** The Auth-User and Auth-Pass of every request. */
  readonly asked: string[];
  /** The first thing that the attempt tells. */
  readonly event: Promise<string>;
  /** The same, with a deadline. */
  outcome(): Promise<string>;
  readonly address: string;
}

/** @param answers in the order of the requests; the last one is given again and again */
async function run(t: TestContext, ...answers: readonly string[]): Promise<Run> {
  const asked: string[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      asked.push(`${/Auth-User: (.*)\r/.exec(text)?.[1]} ${/Auth-Pass: (.*)\r/.exec(text)?.[1]}`);
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? '';
      socket.write(`HTTP/1.0 200 OK\r\n${answer}\r\n`);
    });
  });
  const port = await listen(server, '127.0.0.1', 0);
  t.after(() => server.close());
  const recording = new Recording();
  const mail = serverFrom(`auth_http 127.0.0.1:${port}; server { listen 127.0.0.1:110; }`, recording.log);
  const on = stage({ store: mail.store, log: recording.log });
  let told: (text: string) => void = () => {};
  const event = new Promise<string>((resolve) => {
    told = resolve;
  });
  const outcome = (): Promise<string> => inTime(event, 'the outcome of the attempt');
  const attempt = new LoginAttempt(on.session, mail, authServerOf(mail), mail.core.protocol.open(on.session), {
    refused: (line, waitMs) => told(`refused ${line.toString('latin1').trim()} ${waitMs}`),
    failed: (line) => told(`failed ${line.toString('latin1').trim()}`),
    loggedIn: () => told('in'),
    lost: (error) => told(`lost ${error?.message}`),
  });
  return { ...on, recording, attempt, asked, event, outcome, address: `127.0.0.1:${port}` };
}

const FAILED = 'failed -ERR internal server error';
const login = ({ session, attempt }: Run): void => {
  session.use('plain', bytes('joe'), bytes('secret'));
  attempt.start();
};

test('a refusal is told with its time to wait, in milliseconds', async (t) => {
  const made = await run(t, 'Auth-Status: no\r\nAuth-Wait: 3\r\n');
  login(made);
  assert.equal(await made.outcome(), 'refused -ERR no 3000');
  assert.match(made.recording.lines.join('\n'), /^\[info\] \*1 client login failed: "no" while in http auth state,/);
});

test('an answer that cannot be used is an internal error, and the log names the auth server', async (t) => {
  for (const [answer, why] of [
    ['', 'did not send server or port'],
    ['Auth-Server: x\r\nAuth-Port: 1\r\n', 'sent invalid server address:"x"'],
    ['Auth-Server: 127.0.0.1\r\nAuth-Port: 0\r\n', 'sent invalid server port:"0"'],
  ] as const) {
    const made = await run(t, answer);
    login(made);
    assert.equal(await made.outcome(), FAILED);
    const [line = ''] = made.recording.lines;
    assert.ok(line.startsWith(`[error] *1 auth http server ${made.address} ${why} while in http auth state,`), line);
  }
});

test('WAIT asks the same question again after its time', async (t) => {
  const clock = new FakeClock(t);
  const made = await run(t, 'Auth-Status: WAIT\r\nAuth-Wait: 5\r\n', 'Auth-Status: no\r\n');
  login(made);
  await clock.waitFor(5000);
  clock.tick(4999);
  for (let i = 0; i < 5; i++) await setImmediate();
  assert.deepEqual(made.asked, ['joe secret']);
  clock.tick(1);
  assert.equal(await made.outcome(), 'refused -ERR no 0');
  assert.deepEqual(made.asked, ['joe secret', 'joe secret']);
});

test('a digest is not asked about twice', async (t) => {
  const clock = new FakeClock(t);
  const made = await run(t, 'Auth-Status: WAIT\r\nAuth-Wait: 5\r\n', 'Auth-Status: no\r\n');
  made.session.use('apop', bytes('joe'), bytes('digest'), bytes('<salt>'));
  made.attempt.start();
  await clock.waitFor(5000);
  clock.tick(5000);
  assert.equal(await made.outcome(), 'refused -ERR no 0');
  assert.deepEqual(made.asked, ['joe digest', 'joe ']);
});

test('WAIT without a time is asked again after a second, but not for ever', async (t) => {
  const clock = new FakeClock(t);
  const made = await run(t, 'Auth-Status: WAIT\r\n');
  login(made);
  let over = false;
  void made.event.then(() => {
    over = true;
  });
  for (let turn = 0; !over && turn < 100; turn++) {
    await clock.waitFor(1000, () => over);
    clock.tick(1000);
    await setImmediate();
  }
  assert.equal(await made.outcome(), FAILED);
  assert.ok(made.asked.length > 1 && made.asked.length <= 11, `${made.asked.length} requests`);
  assert.match(made.recording.lines.join('\n'), /keeps sending WAIT without Auth-Wait/);
});

test('a client that breaks off during WAIT ends the attempt', async (t) => {
  const clock = new FakeClock(t);
  const made = await run(t, 'Auth-Status: WAIT\r\nAuth-Wait: 5\r\n');
  login(made);
  await clock.waitFor(5000);
  made.stream.breaks('ECONNRESET', 104, 'read');
  assert.equal(await made.outcome(), 'lost ECONNRESET');
  assert.equal(clock.armed, 0);
});

test('credentials that POP3 cannot say are not sent, and Auth-User may repair them', async (t) => {
  const server = 'Auth-Server: 127.0.0.1\r\nAuth-Port: 1\r\n'; // tcpmux: nothing listens there
  const refused = await run(t, server);
  refused.session.use('plain', bytes('j\roe'), bytes('secret'));
  refused.attempt.start();
  assert.equal(await refused.event, FAILED);
  assert.match(refused.recording.lines.join('\n'), /^\[error\] \*1 login or password cannot be sent to upstream/);
  const repaired = await run(t, `${server}Auth-User: joe\r\n`);
  repaired.session.use('plain', bytes('j\roe'), bytes('secret'));
  repaired.attempt.start();
  assert.equal(await repaired.event, FAILED);
  assert.match(repaired.recording.lines.join('\n'), /^\[error\] \*1 recv\(\) failed \(111: Connection refused\)/);
});

test('the backend of a session shows in its log from the connecting on', async (t) => {
  const made = await run(t, 'Auth-Server: 127.0.0.1\r\nAuth-Port: 1\r\n');
  login(made);
  await made.outcome();
  assert.match(made.recording.lines.join('\n'), /, login: "joe", upstream: 127\.0\.0\.1:1$/);
});

test('a cancelled attempt tells nobody', async (t) => {
  const made = await run(t, 'Auth-Status: no\r\n');
  const pass = bytes('secret');
  made.session.use('plain', bytes('joe'), pass);
  made.attempt.start();
  made.attempt.cancel();
  made.session.forgetCredentials();
  await Promise.race([made.event.then(() => assert.fail('told')), setImmediate()]);
  assert.ok(isZero(pass));
  assert.deepEqual(made.recording.lines, []);
});
