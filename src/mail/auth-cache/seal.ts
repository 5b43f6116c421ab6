// A password that waits in the cache is encrypted with a key that only the credentials of its login give: AES-256 in
// counter mode, and HMAC-SHA-256 over that.
import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ownCopy } from '../../core/own-copy.ts';
import { secretBuffer } from '../../core/secret.ts';

const NONCE_BYTES = 16;
const TAG_BYTES = 32;

/** @param key 32 bytes @returns what may be kept for long */
export function seal(key: Buffer, secret: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const body = mixed(key, nonce, secret);
  return ownCopy(Buffer.concat([nonce, body, tag(key, nonce, body)]));
}

/** @returns memory of its own, to be overwritten; undefined where the key is another one */
export function unseal(key: Buffer, sealed: Buffer): Buffer | undefined {
  const end = sealed.length - TAG_BYTES;
  if (end < NONCE_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const body = sealed.subarray(NONCE_BYTES, end);
  return timingSafeEqual(tag(key, nonce, body), sealed.subarray(end)) ? mixed(key, nonce, body) : undefined;
}

const derived = (key: Buffer, use: string): Buffer => createHmac('sha256', key).update(use).digest();

/** Node.js makes the key stream only: of a secret that went through its hands it would keep copies. */
function mixed(key: Buffer, nonce: Buffer, bytes: Buffer): Buffer {
  const out = secretBuffer(bytes.length);
  const stream = createCipheriv('aes-256-ctr', derived(key, 'encryption'), nonce).update(out);
  for (const [i, byte] of bytes.entries()) out[i] = byte ^ (stream[i] ?? 0);
  stream.fill(0);
  return out;
}

const tag = (key: Buffer, nonce: Buffer, body: Buffer): Buffer =>
  createHmac('sha256', derived(key, 'authentication')).update(nonce).update(body).digest();
