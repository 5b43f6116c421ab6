// Password hashes: known answers, random ones against the crypt(3) of the system, and settings that are none.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { bcrypt } from '../../../../src/http/auth-basic/crypt/bcrypt.ts';
import { BLOWFISH_PI } from '../../../../src/http/auth-basic/crypt/blowfish-pi.ts';
import { desCrypt } from '../../../../src/http/auth-basic/crypt/des-crypt.ts';
import { type Crypt, ITOA64, MAX_PASSWORD } from '../../../../src/http/auth-basic/crypt/hashing.ts';
import { md5Crypt } from '../../../../src/http/auth-basic/crypt/md5-crypt.ts';
import { shaCrypt } from '../../../../src/http/auth-basic/crypt/sha-crypt.ts';
import { missing, program } from '../../../support/programs.ts';

/** The hash, and how often the computation made room for others. */
function run(crypt: Crypt, password: Buffer, setting: string): { hash: string | undefined; turns: number } {
  const hashing = crypt(password, setting);
  if (hashing === undefined) return { hash: undefined, turns: 0 };
  for (let turns = 0; ; turns++) {
    const { done, value } = hashing.next();
    if (done) return { hash: value, turns };
  }
}

const KNOWN: readonly (readonly [crypt: Crypt, password: string, setting: string, hash: string])[] = [
  [desCrypt, 'secret', 'ab', 'abNANd1rDfiNc'],
  [desCrypt, '', 'zz', 'zz6dpSdr.LHZw'],
  [desCrypt, 'eight888more', '..', '..48GK3srzq4.'],
  [desCrypt, 'eight888', '..', '..48GK3srzq4.'],
  [md5Crypt, 'secret', '$1$saltsalt', '$1$saltsalt$9xy1btjgzLYfb7hivXtC//'],
  [md5Crypt, '', '$1$', '$1$$qRPK7m23GJusamGpoGLby/'],
  [md5Crypt, 'p\xe4ss\xff', '$1$longersalt', '$1$longersa$crHMOHKKBSQAV1/vyVPeq/'],
  [md5Crypt, 'secret', '$apr1$saltsalt$x', '$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0'],
  [md5Crypt, '', '$apr1$a b', '$apr1$a b$bs5L.zXQFevuAmJk21HGu.'],
  [shaCrypt, 'Hello world!', '$5$saltstring', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  [
    shaCrypt,
    'Hello world!',
    '$5$rounds=1000$saltstringsaltstring',
    '$5$rounds=1000$saltstringsaltst$cSv7nWzgUjd5.cVg4yn64CGOTkcQl1wXTNvW1OSLbZ0',
  ],
  [shaCrypt, '', '$5$', '$5$$3c2QQ0KjIU1OLtB29cl8Fplc2WN7X89bnoEjaR7tWu.'],
  [
    shaCrypt,
    'Hello world!',
    '$6$saltstring',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    shaCrypt,
    'a'.repeat(100),
    '$6$rounds=1234$short',
    '$6$rounds=1234$short$7gYyiLTECYXnMN2qhPVHaZlZ5BppcgrWQyH1gw8wLdncqrKXRvcQLNuH/zVBsnfqovXeeK2BoLe7US0tHxpDH1',
  ],
  [bcrypt, 'secret', '$2y$05$abcdefghijklmnopqrstuu', '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'],
  [bcrypt, 'secret', '$2y$05$abcdefghijklmnopqrstuv', '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'],
  [bcrypt, 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  [bcrypt, '', '$2b$04$CCCCCCCCCCCCCCCCCCCCC.', '$2b$04$CCCCCCCCCCCCCCCCCCCCC.Cg0ly9t/KVBCBYYDfOmZKwry9JuXClC'],
  [bcrypt, 'p\xe4ss', '$2y$04$abcdefghijklmnopqrstuu', '$2y$04$abcdefghijklmnopqrstuu1L3qhPthuwddSyHopqP/p1oYCozgT7m'],
  [
    bcrypt,
    '0'.repeat(80),
    '$2b$04$abcdefghijklmnopqrstuu',
    '$2b$04$abcdefghijklmnopqrstuunudcQMCHzGtJ3fquo8E01XZjS8VqqX.',
  ],
];

test('known answers', () => {
  for (const [crypt, password, setting, hash] of KNOWN) {
    assert.equal(run(crypt, Buffer.from(password, 'latin1'), setting).hash, hash);
  }
});

test('a hash is the setting of itself', () => {
  for (const [crypt, password, , hash] of KNOWN) {
    assert.equal(run(crypt, Buffer.from(password, 'latin1'), hash).hash, hash);
  }
});

test('settings that are none, or would take too long', () => {
  const refused: readonly (readonly [Crypt, readonly string[]])[] = [
    [desCrypt, ['', 'a', 'a:', '*0', '_J9..rasm', '\x80a']],
    [md5Crypt, ['', '$1', '$2$salt', '$1$sa lt', '$1$a:b', '$1$a*', '$1$\x80']],
    [
      shaCrypt,
      [
        '$5',
        '$7$salt',
        '$5$sa:lt',
        '$5$rounds=$salt',
        '$5$rounds=999$salt',
        '$5$rounds=01000$salt',
        '$5$rounds=1000x$salt',
        '$5$rounds=1000',
        '$6$rounds=1000001$salt',
        '$6$rounds=999999999999$salt',
        '$6$rounds=-1$salt',
      ],
    ],
    [
      bcrypt,
      [
        '$2$05$abcdefghijklmnopqrstuu',
        '$2x$05$abcdefghijklmnopqrstuu',
        '$2y$5$abcdefghijklmnopqrstuu',
        '$2y$03$abcdefghijklmnopqrstuu',
        '$2y$16$abcdefghijklmnopqrstuu',
        '$2y$31$abcdefghijklmnopqrstuu',
        '$2y$05$short',
        '$2y$05$abcdefghijklmnopqrst!u',
      ],
    ],
  ];
  for (const [crypt, settings] of refused) {
    for (const setting of settings) assert.equal(crypt(Buffer.from('x'), setting), undefined, setting);
  }
});

test('others have their turn while it is computed', () => {
  const password = Buffer.alloc(MAX_PASSWORD, 0x61);
  assert.ok(run(md5Crypt, password, '$1$salt').turns >= 10);
  assert.ok(run(shaCrypt, password, '$6$salt').turns >= 50);
  assert.ok(run(bcrypt, password, '$2y$06$abcdefghijklmnopqrstuu').turns >= 16);
  assert.ok(run(desCrypt, password, 'ab').turns >= 25);
});

test('the first words of Blowfish are those of pi', () => {
  const bits = BigInt(BLOWFISH_PI.length * 8);
  const guard = 64n;
  const one = 1n << (bits + guard);
  const arctanOfInverse = (x: bigint): bigint => {
    let term = one / x;
    let sum = term;
    for (let n = 3n, sign = -1n; term > 0n; n += 2n, sign = -sign) {
      term /= x * x;
      sum += (sign * term) / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));
  const digits = ((pi - 3n * one) >> guard).toString(16).padStart(BLOWFISH_PI.length * 2, '0');
  assert.equal(digits, BLOWFISH_PI.toString('hex'));
});

/** What the system makes of them: `*0` stands for nothing. */
function systemCrypt(cases: readonly (readonly [password: Buffer, setting: string])[]): string[] {
  const script = 'while (<STDIN>) { chomp; my ($p, $s) = split / /; print crypt(pack("H*", $p), $s), "\\n"; }';
  const input = cases.map(([password, setting]) => `${password.toString('hex')} ${setting}\n`).join('');
  return execFileSync(program('perl') ?? 'perl', ['-e', script], { input, encoding: 'latin1' }).split('\n');
}

const PROBE = [Buffer.from('U*U'), '$2b$05$CCCCCCCCCCCCCCCCCCCCC.'] as const;

function systemLacks(): string | undefined {
  if (program('perl') === undefined) return undefined;
  return systemCrypt([PROBE])[0]?.startsWith('$2b$05$') ? undefined : 'crypt(3) of the system has no bcrypt';
}

test('random passwords and salts: as crypt(3) of the system', { skip: missing(['perl'], systemLacks()) }, () => {
  const salt = (length: number) =>
    fc.array(fc.constantFrom(...ITOA64), { minLength: length, maxLength: length }).map((digits) => digits.join(''));
  const upTo = (length: number) => fc.integer({ min: 0, max: length }).chain(salt);
  const password = fc
    .uint8Array({ maxLength: 140 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 ? 1 : byte))));
  const setting: readonly [Crypt, fc.Arbitrary<string>][] = [
    [desCrypt, salt(2)],
    [md5Crypt, upTo(12).map((text) => `$1$${text}`)],
    [shaCrypt, upTo(20).map((text) => `$5$rounds=1000$${text}`)],
    [shaCrypt, upTo(20).map((text) => `$6$rounds=1001$${text}`)],
    [bcrypt, salt(22).map((text) => `$2b$04$${text}`)],
  ];
  for (const [crypt, settings] of setting) {
    const cases = fc.sample(fc.tuple(password, settings), 25);
    const expected = systemCrypt(cases);
    for (const [i, [bytes, text]] of cases.entries()) {
      assert.equal(run(crypt, bytes, text).hash, expected[i], `${text} ${bytes.toString('hex')}`);
    }
  }
});
