// The first crypt(3): DES (FIPS 46-3), with a salt that swaps bits of its expansion. Bit by bit, as it is rarely used.
import type { ByteString } from '../../../conf/directive.ts';
import { type Hashing, ITOA64 } from './hashing.ts';

/** One bit in each byte, as the standard counts them, but from 0. */
type Bits = Uint8Array;

const IP = Array.from({ length: 64 }, (_, i) => 8 * (7 - (i % 8)) + ((2 * (i >> 3) + 1) % 9));
const FP = IP.map((_, i) => IP.indexOf(i));
const E = Array.from({ length: 48 }, (_, i) => (4 * Math.floor(i / 6) + (i % 6) + 31) % 32);
const P = fromOne('16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25');
const PC1 = fromOne(
  '57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36',
  '63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4',
);
const PC2 = fromOne(
  '14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2',
  '41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32',
);
const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1] as const;
/** Four rows of sixteen hexadecimal digits each. */
const S = [
  'e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d',
  'f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9',
  'a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c',
  '7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e',
  '2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453',
  'c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d',
  '4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c',
  'd2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b',
].map((box) => [...box.replaceAll(' ', '')].map((digit) => Number.parseInt(digit, 16)));

const SETTING = /^[./A-Za-z0-9]{2}/;
const ENCRYPTIONS = 25;
const MAX_PASSWORD = 8;
const DIGITS = 11;

/** Only the first eight bytes of the password count. */
export function desCrypt(password: Buffer, setting: ByteString): Hashing | undefined {
  const [salt] = SETTING.exec(setting) ?? [];
  return salt === undefined ? undefined : hash(password, salt);
}

function* hash(password: Buffer, salt: ByteString): Hashing {
  const keys = schedule(keyBits(password));
  const expansion = salted(salt);
  let block: Bits = new Uint8Array(64);
  for (let i = 0; i < ENCRYPTIONS; i++) {
    block = encrypt(block, keys, expansion);
    yield;
  }
  for (const key of keys) key.fill(0);
  let text = salt;
  for (let at = 0; at < DIGITS * 6; at += 6) text += ITOA64[number(block, at, at + 6)];
  return text;
}

/** Seven bits of each byte; the eighth would be the parity. */
function keyBits(password: Buffer): Bits {
  const bits = new Uint8Array(64);
  for (const [at, byte] of password.subarray(0, MAX_PASSWORD).entries()) {
    for (let i = 0; i < 7; i++) bits[8 * at + i] = (byte >> (6 - i)) & 1;
  }
  return bits;
}

/** The keys of the sixteen rounds. */
function schedule(key: Bits): Bits[] {
  let half = select(key, PC1);
  key.fill(0);
  return SHIFTS.map((shift) => {
    half = half.map((_, i) => half[i < 28 ? (i + shift) % 28 : 28 + ((i + shift) % 28)] ?? 0);
    return select(half, PC2);
  });
}

/** A bit of the salt swaps two bits of the expansion. */
function salted(salt: ByteString): number[] {
  const expansion = [...E];
  for (const [at, digit] of [...salt].entries()) {
    for (let i = 0; i < 6; i++) {
      if (((ITOA64.indexOf(digit) >> i) & 1) === 0) continue;
      const a = 6 * at + i;
      [expansion[a], expansion[a + 24]] = [expansion[a + 24] ?? 0, expansion[a] ?? 0];
    }
  }
  return expansion;
}

function encrypt(block: Bits, keys: readonly Bits[], expansion: readonly number[]): Bits {
  const start = select(block, IP);
  let left = start.subarray(0, 32);
  let right = start.subarray(32);
  for (const key of keys) {
    const mixed = substitute(select(right, expansion).map((bit, i) => bit ^ (key[i] ?? 0)));
    const next = select(mixed, P).map((bit, i) => bit ^ (left[i] ?? 0));
    left = right;
    right = next;
  }
  return select(Buffer.concat([right, left]), FP);
}

/** Six bits become four: the outer two choose the row, the inner four the column. */
function substitute(bits: Bits): Bits {
  const out = new Uint8Array(32);
  for (const [box, values] of S.entries()) {
    const at = 6 * box;
    const row = 2 * (bits[at] ?? 0) + (bits[at + 5] ?? 0);
    const value = values[16 * row + number(bits, at + 1, at + 5)] ?? 0;
    for (let i = 0; i < 4; i++) out[4 * box + i] = (value >> (3 - i)) & 1;
  }
  return out;
}

const select = (bits: Bits, table: readonly number[]): Bits => Uint8Array.from(table, (at) => bits[at] ?? 0);

/** The highest bit first; what lies behind the end is 0. */
function number(bits: Bits, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = 2 * value + (bits[at] ?? 0);
  return value;
}

function fromOne(...lines: readonly string[]): number[] {
  return lines
    .join(' ')
    .split(' ')
    .map((position) => Number(position) - 1);
}
