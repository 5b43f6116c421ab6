// 64 MiB each way through the proxy to a real Dovecot; what arrives has the hash of what was sent.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { curl, type Security } from './clients.ts';
import { shared, USERS, without } from './mail-system.ts';

const skip = without('curl');
const system = shared(after);
const ALICE = ['alice', USERS.alice ?? ''] as const;
const SIZE = 64 * 1024 * 1024;

for (const [security, listener] of [
  ['clear', 'imap'],
  ['tls', 'imaps'],
] as const) {
  test(`APPEND and FETCH of 64 MiB, ${security}`, { skip }, async () => {
    const { proxy } = await system();
    const at = proxy.at(listener);
    const message = largeMessage();
    const stored = await curl({
      scheme: 'imap',
      at,
      security: security satisfies Security,
      user: ALICE,
      path: 'INBOX',
      input: message,
    });
    assert.equal(stored.code, 0, stored.stderr);
    const fetched = await curl({ scheme: 'imap', at, security, user: ALICE, path: 'INBOX;MAILINDEX=*' });
    assert.equal(fetched.code, 0, fetched.stderr);
    assert.equal(fetched.stdout.length, message.length);
    assert.equal(hash(Buffer.from(fetched.stdout, 'latin1')), hash(message));
  });
}

function largeMessage(): Buffer {
  const head = Buffer.from('Subject: large\r\nContent-Transfer-Encoding: base64\r\n\r\n');
  const line = 76;
  const count = Math.ceil((SIZE - head.length) / (line + 2));
  const text = randomBytes((count * line * 3) / 4).toString('base64');
  const lines: string[] = [];
  for (let i = 0; i < count; i++) lines.push(text.slice(i * line, (i + 1) * line));
  return Buffer.concat([head, Buffer.from(`${lines.join('\r\n')}\r\n`)]);
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
