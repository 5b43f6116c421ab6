// MurmurHash2 of Austin Appleby, 32 bits, with the seed 0, over one byte a character.
import type { ByteString } from '../../conf/directive.ts';

const M = 0x5bd1e995;

export function murmurHash2(text: ByteString): number {
  const { length } = text;
  let hash = length;
  let at = 0;
  for (; length - at >= 4; at += 4) {
    let word =
      text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24);
    word = Math.imul(word, M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  if (at < length) {
    for (let i = length - 1; i >= at; i--) hash ^= text.charCodeAt(i) << (8 * (i - at));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) >>> 0;
}
