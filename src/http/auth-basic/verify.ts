// Compares a password with a hash of the file of users: what is in plain text or SHA-1 at once, crypt(3) in the queue.
import { createHash, timingSafeEqual } from 'node:crypto';
import { bcrypt } from './crypt/bcrypt.ts';
import { desCrypt } from './crypt/des-crypt.ts';
import { type Hashing, MAX_PASSWORD } from './crypt/hashing.ts';
import { md5Crypt } from './crypt/md5-crypt.ts';
import { shaCrypt } from './crypt/sha-crypt.ts';
import type { HashQueue } from './hash-queue.ts';

/** `unknown`: no password can be compared with it; `unwanted`: nobody waits for the result. */
export type Verdict = 'match' | 'mismatch' | 'unknown' | 'unwanted';

const CRYPTS = [
  ['$apr1$', md5Crypt],
  ['$1$', md5Crypt],
  ['$5$', shaCrypt],
  ['$6$', shaCrypt],
  ['$2', bcrypt],
  ['', desCrypt],
] as const;
const LONGEST_KIND = '{PLAIN}'.length;
const SHA1_SIZE = 20;

export async function verify(
  password: Buffer,
  stored: Buffer,
  queue: HashQueue,
  isWanted: () => boolean,
): Promise<Verdict> {
  const quick = verifyQuickly(password, stored);
  if (quick !== undefined) return quick ? 'match' : 'mismatch';
  const setting = stored.toString('latin1');
  const hashing = hashingOf(password, setting);
  if (hashing === undefined) return password.length > MAX_PASSWORD ? 'mismatch' : 'unknown';
  const hash = await queue.run(hashing, isWanted);
  if (hash === undefined) return 'unwanted';
  return isSame(Buffer.from(hash, 'latin1'), stored) ? 'match' : 'mismatch';
}

function hashingOf(password: Buffer, setting: string): Hashing | undefined {
  if (password.length > MAX_PASSWORD) return undefined;
  const [, crypt] = CRYPTS.find(([prefix]) => setting.startsWith(prefix)) ?? [];
  return crypt?.(password, setting);
}

/** @returns undefined: it takes longer than that */
function verifyQuickly(password: Buffer, stored: Buffer): boolean | undefined {
  const kind = /^\{(?:PLAIN|SHA|SSHA)\}/.exec(stored.toString('latin1', 0, LONGEST_KIND))?.[0] ?? '';
  const rest = stored.subarray(kind.length);
  switch (kind) {
    case '{PLAIN}':
      return isSame(password, rest);
    case '{SHA}':
      return isSame(Buffer.from(sha1(password).toString('base64')), rest);
    case '{SSHA}': {
      const bytes = Buffer.from(rest.toString('latin1'), 'base64');
      const salt = bytes.subarray(SHA1_SIZE);
      return bytes.length >= SHA1_SIZE && isSame(sha1(password, salt), bytes.subarray(0, SHA1_SIZE));
    }
    default:
      return undefined;
  }
}

const sha1 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** In a time that tells nothing of where they differ. */
function isSame(a: Buffer, b: Buffer): boolean {
  const digest = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
