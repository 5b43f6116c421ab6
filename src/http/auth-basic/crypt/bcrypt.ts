// bcrypt ($2a$, $2b$, $2y$): Blowfish with a costly key schedule (Provos and Mazières, 1999).
import type { ByteString } from '../../../conf/directive.ts';
import { BLOWFISH_PI } from './blowfish-pi.ts';
import type { Hashing } from './hashing.ts';

const P_WORDS = 18;
const S_WORDS = 1024;
const MIN_COST = 4;
/** Some seconds of work; the format goes up to 31. */
export const MAX_COST = 15;
const ROUNDS_AT_A_TIME = 4;
const SETTING = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})/;
const DIGITS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** What is encrypted: "OrpheanBeholderScryDoubt". */
const TEXT = [0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274] as const;
const TEXT_ROUNDS = 64;
const HASH_BYTES = 23;

export function bcrypt(password: Buffer, setting: ByteString): Hashing | undefined {
  const [whole, costText = '', saltText = ''] = SETTING.exec(setting) ?? [];
  const cost = Number(costText);
  if (whole === undefined || cost < MIN_COST || cost > MAX_COST) return undefined;
  const salt = decode(saltText).subarray(0, 16);
  return hash(password, salt, cost, `${whole.slice(0, -saltText.length)}${encode(salt)}`);
}

function* hash(password: Buffer, saltBytes: Buffer, cost: number, prefix: ByteString): Hashing {
  const key = keyWords(password);
  const salt = Int32Array.from({ length: 4 }, (_, i) => saltBytes.readInt32BE(4 * i));
  const state = new Blowfish();
  state.expand(key, salt);
  const saltKey = Int32Array.from({ length: P_WORDS }, (_, i) => salt[i % 4] ?? 0);
  const none = new Int32Array(4);
  try {
    for (let round = 0; round < 2 ** cost; round++) {
      if (round % ROUNDS_AT_A_TIME === 0) yield;
      state.expand(key, none);
      state.expand(saltKey, none);
    }
  } finally {
    key.fill(0);
  }
  const text = Int32Array.from(TEXT);
  for (let at = 0; at < text.length; at += 2) {
    for (let i = 0; i < TEXT_ROUNDS; i++) state.encrypt(text, at);
  }
  const bytes = Buffer.alloc(4 * text.length);
  for (const [i, word] of text.entries()) bytes.writeInt32BE(word, 4 * i);
  return prefix + encode(bytes.subarray(0, HASH_BYTES));
}

/** The password with a NUL behind it, again and again. */
function keyWords(password: Buffer): Int32Array {
  const bytes = Buffer.alloc(4 * P_WORDS);
  for (let i = 0; i < bytes.length; i++) bytes[i] = password[i % (password.length + 1)] ?? 0;
  const words = Int32Array.from({ length: P_WORDS }, (_, i) => bytes.readInt32BE(4 * i));
  bytes.fill(0);
  return words;
}

class Blowfish {
  readonly #p: Int32Array;
  readonly #s: Int32Array;

  constructor() {
    this.#p = Int32Array.from({ length: P_WORDS }, (_, i) => BLOWFISH_PI.readInt32BE(4 * i));
    this.#s = Int32Array.from({ length: S_WORDS }, (_, i) => BLOWFISH_PI.readInt32BE(4 * (P_WORDS + i)));
  }

  /** One run of the key schedule. @param key as many words as P has @param salt four words */
  expand(key: Int32Array, salt: Int32Array): void {
    const p = this.#p;
    for (let i = 0; i < P_WORDS; i++) p[i] = (p[i] ?? 0) ^ (key[i] ?? 0);
    const block = new Int32Array(2);
    let half = 0;
    for (const words of [p, this.#s]) {
      for (let i = 0; i < words.length; i += 2) {
        block[0] = (block[0] ?? 0) ^ (salt[half] ?? 0);
        block[1] = (block[1] ?? 0) ^ (salt[half + 1] ?? 0);
        half ^= 2;
        this.encrypt(block, 0);
        words[i] = block[0];
        words[i + 1] = block[1];
      }
    }
  }

  /** The two words from `at` on. */
  encrypt(words: Int32Array, at: number): void {
    const p = this.#p;
    const s = this.#s;
    let left = words[at] ?? 0;
    let right = words[at + 1] ?? 0;
    for (let i = 0; i < 16; i += 2) {
      left ^= p[i] ?? 0;
      right ^= mix(s, left) ^ (p[i + 1] ?? 0);
      left ^= mix(s, right);
    }
    words[at] = right ^ (p[17] ?? 0);
    words[at + 1] = left ^ (p[16] ?? 0);
  }
}

/** Blowfish's F. */
function mix(s: Int32Array, x: number): number {
  const sum = (s[x >>> 24] ?? 0) + (s[256 + ((x >>> 16) & 0xff)] ?? 0);
  return ((sum ^ (s[512 + ((x >>> 8) & 0xff)] ?? 0)) + (s[768 + (x & 0xff)] ?? 0)) | 0;
}

/** Six bits a digit, the highest first; bits that make no byte are left out. */
function decode(text: ByteString): Buffer {
  const bytes = Buffer.alloc((text.length * 6) >> 3);
  for (const [i, digit] of [...text].entries()) {
    const value = DIGITS.indexOf(digit);
    const bit = i * 6;
    const shifted = value << (10 - (bit & 7));
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (shifted >> 8);
    if ((bit >> 3) + 1 < bytes.length) bytes[(bit >> 3) + 1] = shifted & 0xff;
  }
  return bytes;
}

function encode(bytes: Buffer): ByteString {
  let text = '';
  for (let bit = 0; bit < bytes.length * 8; bit += 6) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += DIGITS[(pair >> (10 - (bit & 7))) & 0x3f];
  }
  return text;
}
