// mbsync with its mail in tunnels that are WebSockets, one of Node.js and one of Python: 64 MiB to a Dovecot and back.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Ran, run } from '../support/children.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { missing, notRoot } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget, ROOT } from '../support/target.ts';
import { pem } from '../support/tls.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Debian's: another one has not its packages. */
const PYTHON = '/usr/bin/python3';
const hasWebSockets = (await run(PYTHON, ['-c', 'import websockets']).catch(() => undefined))?.code === 0;
const skip = missing(
  ['dovecot', 'mbsync'],
  notRoot(),
  defaultTarget().name === 'nginx' ? 'nginx takes no WebSockets' : undefined,
  hasWebSockets ? undefined : "Python's websockets is not installed",
);

const MB = 1_048_576;
const SIZE = 64 * MB;
/** Garbage that is not collected yet; what is passed is more. */
const ALLOWED = 48 * MB;

const PYTHON_PIPE = `
import asyncio, os, ssl, sys, threading, websockets
async def main(url):
    tls = ssl.create_default_context()
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    async with websockets.connect(url, ssl=tls, subprotocols=['imap'], max_size=None) as ws:
        assert ws.subprotocol == 'imap', ws.subprotocol
        loop = asyncio.get_running_loop()
        async def up():
            while True:
                data = await loop.run_in_executor(None, os.read, 0, 65536)
                if not data:
                    break
                await ws.send(data)
            await ws.close()
        task = asyncio.ensure_future(up())
        async for data in ws:
            assert isinstance(data, bytes)
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        os._exit(0)
asyncio.run(main(sys.argv[1]))
`;

async function start(t: TestContext): Promise<{ dovecot: Dovecot; server: MailServer }> {
  const dovecot = await startDovecot(t, { alice: 'wonderland' });
  const server = await startServer(t, {
    files: { 'rsa.pem': pem('server-rsa.pem'), 'rsa.key': pem('server-rsa.key') },
    config: `
      mail {
        auth_http @auth@/;
        imap_capabilities IMAP4rev1 UIDPLUS LITERAL+;
        ssl_certificate rsa.pem; ssl_certificate_key rsa.key;
        server { listen @imap@; protocol imap; }
        server { listen @direct@ ssl websocket; protocol imap; websocket_path /mail; }
      }
      http {
        access_log off;
        ssl_certificate rsa.pem; ssl_certificate_key rsa.key;
        server { listen @auth@; location / { return 204;
          add_header Auth-Status OK; add_header Auth-Server ${dovecot.host}; add_header Auth-Port ${dovecot.imap}; } }
        server { listen @web@ ssl; location /imap { mail_pass @imap@; } }
      }`,
  });
  return { dovecot, server };
}

/** One run of mbsync, with the mail of `dir` on its side. */
function mbsync(dir: string, tunnel: string, sync: 'Push' | 'Pull'): Promise<Ran> {
  writeFileSync(
    join(dir, 'mbsyncrc'),
    `IMAPAccount test
Tunnel "${tunnel}"
User alice
Pass wonderland
AuthMechs LOGIN

IMAPStore far
Account test

MaildirStore near
Path ${dir}/
Inbox ${dir}/INBOX

Channel all
Far :far:INBOX
Near :near:INBOX
Sync ${sync}
SyncState *
`,
  );
  const env = { ...process.env, HOME: dir, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };
  return run('mbsync', ['--config', join(dir, 'mbsyncrc'), 'all'], { env, timeoutMs: 120_000 });
}

function maildir(dir: string): string {
  const inbox = join(dir, 'INBOX');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(inbox, part), { recursive: true });
  return inbox;
}

/** mbsync marks what it copies with a header of its own. */
const hash = (bytes: Buffer): string =>
  createHash('sha256')
    .update(bytes.toString('latin1').replace(/^X-TUID: .*\n/gm, ''), 'latin1')
    .digest('hex');

function peak({ pid }: MailServer): number {
  const [, kB = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kB) * 1024;
}

test('mbsync pushes 64 MiB by one tunnel and pulls them by another, to the byte', { skip }, async (t) => {
  const { server } = await start(t);
  const body = randomBytes(SIZE).toString('base64').slice(0, SIZE);
  const mail = Buffer.from(`From: alice\nSubject: large\n\n${body.replace(/.{76}/g, '$&\n')}\n`);
  const [here, there] = [temporaryFolder(t, 'push'), temporaryFolder(t, 'pull')];
  writeFileSync(join(maildir(here), 'new', '1.1.large'), mail);
  const { host, port } = server.at('web');
  const before = peak(server);

  const pipe = join(ROOT, 'dist', 'test', 'real', 'websocket-pipe.js');
  const pushed = await mbsync(here, `${process.execPath} ${pipe} wss://${host}:${port}/imap`, 'Push');
  assert.equal(pushed.code, 0, pushed.stderr);

  const direct = Object.values(server.at('direct')).join(':');
  const script = join(there, 'pipe.py');
  writeFileSync(script, PYTHON_PIPE);
  const inbox = maildir(there);
  const pulled = await mbsync(there, `${PYTHON} ${script} wss://${direct}/mail`, 'Pull');
  assert.equal(pulled.code, 0, pulled.stderr);

  const names = ['cur', 'new'].flatMap((part) => readdirSync(join(inbox, part)).map((name) => join(inbox, part, name)));
  assert.equal(names.length, 1);
  assert.equal(hash(readFileSync(names[0] ?? '')), hash(mail));
  const grown = peak(server) - before;
  assert.ok(grown < ALLOWED, `${grown / MB} MiB`);
});
