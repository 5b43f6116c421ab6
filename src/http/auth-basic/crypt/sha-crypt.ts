// SHA-256 and SHA-512 crypt ($5$, $6$), after Ulrich Drepper's specification.
import { createHash } from 'node:crypto';
import type { ByteString } from '../../../conf/directive.ts';
import { encode64, type Hashing, ODD_SALT } from './hashing.ts';

interface Kind {
  readonly name: 'sha256' | 'sha512';
  readonly size: number;
  readonly order: readonly number[];
}

const SHA256: Kind = {
  name: 'sha256',
  size: 32,
  order: [...triples(10, 0, 10, 20), 31, 30],
};
const SHA512: Kind = {
  name: 'sha512',
  size: 64,
  order: [...triples(21, 0, 21, 42), 63],
};

/** Each group of three is the one before, one further and turned. */
function triples(count: number, ...first: readonly [number, number, number]): number[] {
  const order: number[] = [];
  let [a, b, c] = first;
  for (let i = 0; i < count; i++) {
    order.push(a, b, c);
    [a, b, c] = count === 10 ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1];
  }
  return order;
}

const DEFAULT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
/** A second or two of work; crypt(3) goes up to a thousand times as much. */
export const MAX_ROUNDS = 1_000_000;
const ROUNDS_AT_A_TIME = 100;
const MAX_SALT = 16;
const SETTING = /^\$([56])\$(?:rounds=([1-9]\d{0,8})\$)?([^$]*)/;
const BROKEN_ROUNDS = /^\$[56]\$rounds=/;

export function shaCrypt(password: Buffer, setting: ByteString): Hashing | undefined {
  const [, digit, given, whole = ''] = SETTING.exec(setting) ?? [];
  if (digit === undefined || (given === undefined && BROKEN_ROUNDS.test(setting))) return undefined;
  const salt = whole.slice(0, MAX_SALT);
  const rounds = given === undefined ? DEFAULT_ROUNDS : Number(given);
  if (rounds < MIN_ROUNDS || rounds > MAX_ROUNDS || ODD_SALT.test(salt)) return undefined;
  const prefix = `$${digit}$${given === undefined ? '' : `rounds=${given}$`}${salt}$`;
  return hash(digit === '5' ? SHA256 : SHA512, password, Buffer.from(salt, 'latin1'), rounds, prefix);
}

function* hash(kind: Kind, password: Buffer, salt: Buffer, rounds: number, prefix: ByteString): Hashing {
  const { name, size, order } = kind;
  const digest = (...parts: readonly Buffer[]): Buffer => {
    const sha = createHash(name);
    for (const part of parts) sha.update(part);
    return sha.digest();
  };
  const { length } = password;
  const other = digest(password, salt, password);
  const first = [password, salt, repeated(other, length)];
  for (let bits = length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? other : password);
  let final = digest(...first);
  const p = repeated(digest(...Array.from({ length }, () => password)), length);
  const s = repeated(digest(...Array.from({ length: 16 + (final[0] ?? 0) }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS_AT_A_TIME === 0) yield;
    const isOdd = (round & 1) === 1;
    const parts = [isOdd ? p : final];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(isOdd ? final : p);
    final = digest(...parts);
  }
  return prefix + encode64(final, order);

  /** The bytes again and again, up to a length. */
  function repeated(bytes: Buffer, wanted: number): Buffer {
    return Buffer.concat(
      Array.from({ length: Math.ceil(wanted / size) }, () => bytes),
      wanted,
    );
  }
}
