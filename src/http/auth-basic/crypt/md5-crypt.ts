// MD5 crypt ($1$) and Apache's kind of it ($apr1$): a thousand rounds of MD5.
import { createHash } from 'node:crypto';
import type { ByteString } from '../../../conf/directive.ts';
import { encode64, type Hashing, ODD_SALT } from './hashing.ts';

const ROUNDS = 1000;
const ROUNDS_AT_A_TIME = 100;
const SIZE = 16;
const MAX_SALT = 8;
const ORDER = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11] as const;
const SETTING = /^(\$1\$|\$apr1\$)([^$]*)/;

export function md5Crypt(password: Buffer, setting: ByteString): Hashing | undefined {
  const [, magic = '', whole = ''] = SETTING.exec(setting) ?? [];
  const salt = whole.slice(0, MAX_SALT);
  if (magic === '' || (magic === '$1$' && ODD_SALT.test(salt))) return undefined;
  return hash(password, magic, salt);
}

function* hash(password: Buffer, magic: ByteString, saltText: ByteString): Hashing {
  const salt = Buffer.from(saltText, 'latin1');
  const other = digest(password, salt, password);
  const first = createHash('md5').update(password).update(magic, 'latin1').update(salt);
  for (let left = password.length; left > 0; left -= SIZE) first.update(other.subarray(0, Math.min(left, SIZE)));
  const nul = Buffer.alloc(1);
  for (let bits = password.length; bits > 0; bits >>= 1) {
    first.update((bits & 1) === 1 ? nul : password.subarray(0, 1));
  }
  let final = first.digest();
  for (let round = 0; round < ROUNDS; round++) {
    if (round % ROUNDS_AT_A_TIME === 0) yield;
    const isOdd = (round & 1) === 1;
    const next = createHash('md5').update(isOdd ? password : final);
    if (round % 3 !== 0) next.update(salt);
    if (round % 7 !== 0) next.update(password);
    final = next.update(isOdd ? final : password).digest();
  }
  return `${magic}${saltText}$${encode64(final, ORDER)}`;
}

const digest = (...parts: readonly Buffer[]): Buffer => {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part);
  return md5.digest();
};
