// The demo of `npm start`, end to end on free ports: logins, a delivery, a refusal, and every way in which it ends.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../support/children.ts';
import { event } from '../support/in-time.ts';
import { freePort } from '../support/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { connect, type Wire } from '../support/wire.ts';

const MAIN = fileURLToPath(new URL('../../src/demo/main.js', import.meta.url));
const ANY = ['--auth=0', '--imap-backend=0', '--pop3-backend=0', '--smtp-backend=0'];

interface Demo {
  readonly child: Child;
  readonly ports: { readonly imap: number; readonly pop3: number; readonly smtp: number };
  /** Where it may leave nothing behind. */
  readonly folder: string;
  /** The process of the proxy. */
  readonly pid: number;
}

async function startDemo(t: TestContext): Promise<Demo> {
  const host = '127.0.0.1';
  const ports = { imap: await freePort(host), pop3: await freePort(host), smtp: await freePort(host) };
  const folder = temporaryFolder(t, 'demo-test');
  const args = Object.entries(ports).map(([name, port]) => `--${name}=${port}`);
  const child = new Child(process.execPath, [MAIN, ...args, ...ANY], { env: { ...process.env, TMPDIR: folder } });
  t.after(async () => {
    await child.stop();
  });
  await child.until(() => child.stdout.includes('Ctrl-C ends the demo') || child.exit !== undefined);
  const pid = Number(/Postern is running \(pid (\d+)\)/.exec(child.stdout)?.[1]);
  assert.ok(pid > 0, `the demo did not start: ${child.stdout}${child.stderr}`);
  return { child, ports, folder, pid };
}

async function open(t: TestContext, port: number): Promise<Wire> {
  const wire = await connect({ port });
  t.after(() => wire.destroy());
  return wire;
}

async function refusedLogin(wire: Wire): Promise<void> {
  await wire.expectLine('* OK IMAP4 ready\r\n');
  await wire.send('a LOGIN demo wrong\r\n');
  await wire.expectLine('a NO Invalid login or password\r\n');
  await wire.send('b LOGIN demo demo\r\n');
  await wire.expectLine(/^b OK /);
}

test('mail is sent, listed and read through the demo', async (t) => {
  const { child, ports, folder } = await startDemo(t);
  // Waits a second for its refusal, beside the rest.
  const refused = refusedLogin(await open(t, ports.imap));

  const imap = await open(t, ports.imap);
  await imap.expectLine('* OK IMAP4 ready\r\n');
  await imap.send('a LOGIN demo demo\r\n');
  await imap.expectLine(/^a OK /);
  await imap.send('b SELECT INBOX\r\n');
  await imap.match(/\* 3 EXISTS\r\n/);
  await imap.match(/b OK .*\r\n/);

  const smtp = await open(t, ports.smtp);
  await smtp.expectLine(/^220 /);
  const steps: [string, RegExp][] = [
    ['EHLO client.example.org', /^250 .*\r\n/m],
    ['AUTH PLAIN AGRlbW8AZGVtbw==', /^235 .*\r\n/m],
    ['MAIL FROM:<a@example.org>', /^250 .*\r\n/m],
    ['RCPT TO:<demo@example.org>', /^250 .*\r\n/m],
    ['DATA', /^354 .*\r\n/m],
    ['Subject: through the demo\r\n\r\nIt works.\r\n.', /^250 .*\r\n/m],
    ['QUIT', /^221 .*\r\n/m],
  ];
  for (const [command, reply] of steps) {
    await smtp.send(`${command}\r\n`);
    await smtp.match(reply);
  }
  smtp.end();

  await imap.send('c NOOP\r\n');
  await imap.match(/\* 4 EXISTS\r\nc OK .*\r\n/);

  const pop3 = await open(t, ports.pop3);
  await pop3.expectLine(/^\+OK /);
  await pop3.send('USER demo\r\n');
  await pop3.expectLine(/^\+OK/);
  await pop3.send('PASS demo\r\n');
  await pop3.expectLine(/^\+OK /);
  await pop3.send('RETR 4\r\n');
  const [message] = await pop3.match(/^\+OK [\s\S]*\r\n\.\r\n/);
  assert.match(message, /\[127\.0\.0\.1\]\)\r\n\t\(authenticated as demo\)/);
  assert.match(message, /\r\nSubject: through the demo\r\n\r\nIt works\.\r\n/);

  await refused;
  assert.match(
    child.stderr,
    /client logged in, client: 127\.0\.0\.1, server: 127\.0\.0\.1:\d+, login: "demo", upstream: /,
  );
  assert.match(child.stderr, /client login failed: "Invalid login or password" while in http auth state/);

  child.signal('SIGINT');
  assert.deepEqual(await child.ends(), { code: 0, signal: null });
  assert.deepEqual(readdirSync(folder), []);
});

test('the demo ends with the proxy', async (t) => {
  const { child, folder, pid } = await startDemo(t);
  process.kill(pid, 'SIGKILL');
  assert.deepEqual(await child.ends(), { code: 1, signal: null });
  assert.deepEqual(readdirSync(folder), []);
});

test('a port in use is named, with the option that changes it', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await event(taken, 'listening');
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const [option, label] of [
    ['--pop3', 'POP3'],
    ['--auth', 'demo auth service'],
  ]) {
    const free = await freePort('127.0.0.1');
    const child = new Child(process.execPath, [MAIN, `--imap=${free}`, ...ANY, `${option}=${port}`]);
    assert.deepEqual(await child.ends(), { code: 1, signal: null });
    assert.ok(
      child.stderr.startsWith(`demo: port ${port} (${label}) is in use; try another: npm start -- ${option} `),
      child.stderr,
    );
  }
});
