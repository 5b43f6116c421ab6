// The command line, word by word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Options, parseOptions } from '../../../src/cli/options.ts';

/** The options that were given, or the complaint. */
function parse(...argv: readonly string[]): Partial<Options> | string {
  const options = parseOptions(argv);
  if (typeof options === 'string') return options;
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== false && value !== undefined));
}

const version = { version: true };
const help = { help: true, version: true };
const build = { version: true, build: true };
const dump = { test: true, dump: true };

const CASES: readonly (readonly [readonly string[], Partial<Options> | string])[] = [
  [[], {}],
  [['-'], {}],
  [['-', '-t', '-'], { test: true }],
  [['-?'], help],
  [['-h'], help],
  [['-v'], version],
  [['-V'], build],
  [['-t'], { test: true }],
  [['-T'], dump],
  [['-q'], { quiet: true }],
  [['-tq'], { test: true, quiet: true }],
  [['-qt'], { test: true, quiet: true }],
  [['-vt'], { version: true, test: true }],
  [['-hV'], { help: true, version: true, build: true }],
  [['-tTqvVh'], { test: true, dump: true, quiet: true, version: true, build: true, help: true }],
  [['-t', '-t'], { test: true }],
  [['-s', 'stop'], { signal: 'stop' }],
  [['-s', 'quit'], { signal: 'quit' }],
  [['-s', 'reopen'], { signal: 'reopen' }],
  [['-sreload'], { signal: 'reload' }],
  [['-tsquit'], { test: true, signal: 'quit' }],
  [['-s', 'stop', '-s', 'quit'], { signal: 'quit' }],
  [['-p', '/x'], { prefix: '/x' }],
  [['-p/x'], { prefix: '/x' }],
  [['-tp', '/x'], { test: true, prefix: '/x' }],
  [['-ptq'], { prefix: 'tq' }],
  [['-p', '-t'], { prefix: '-t' }],
  [['-p', ''], { prefix: '' }],
  [['-p', 'a', '-p', 'b'], { prefix: 'b' }],
  [['-c', 'f'], { file: 'f' }],
  [['-cf'], { file: 'f' }],
  [['-e', 'stderr'], { errorLog: 'stderr' }],
  [['-e', ''], { errorLog: '' }],
  [['-g', 'daemon off; pid x;'], { globalDirectives: 'daemon off; pid x;' }],
  [['-gpid x;'], { globalDirectives: 'pid x;' }],
  [
    ['-tq', '-p', 'p/', '-c', 'c', '-e', 'e', '-g', 'g'],
    { test: true, quiet: true, prefix: 'p/', file: 'c', errorLog: 'e', globalDirectives: 'g' },
  ],
  [['foo'], 'invalid option: "foo"'],
  [[''], 'invalid option: ""'],
  [['-t', 'foo'], 'invalid option: "foo"'],
  [['-x'], 'invalid option: "x"'],
  [['-tz'], 'invalid option: "z"'],
  [['--help'], 'invalid option: "-"'],
  [['-t', '--', '-q'], 'invalid option: "-"'],
  [['-P'], 'invalid option: "P"'],
  [['-\xe9'], 'invalid option: "\xe9"'],
  [['-p'], 'option "-p" requires directory name'],
  [['-tp'], 'option "-p" requires directory name'],
  [['-c'], 'option "-c" requires file name'],
  [['-e'], 'option "-e" requires file name'],
  [['-g'], 'option "-g" requires parameter'],
  [['-s'], 'option "-s" requires parameter'],
  [['-s', 'foo'], 'invalid option: "-s foo"'],
  [['-sfoo'], 'invalid option: "-s foo"'],
  [['-s', ''], 'invalid option: "-s "'],
  [['-s', 'STOP'], 'invalid option: "-s STOP"'],
  [['-x', 'foo'], 'invalid option: "x"'],
];

for (const [argv, expected] of CASES) {
  test(`nginx ${argv.map((word) => JSON.stringify(word)).join(' ')}`, () => assert.deepEqual(parse(...argv), expected));
}
