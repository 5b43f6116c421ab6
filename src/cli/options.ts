// The command line, option by option as nginx reads it.
import type { ByteString } from '../conf/directive.ts';

export type Signal = 'stop' | 'quit' | 'reopen' | 'reload';

export interface Options {
  help: boolean;
  version: boolean;
  /** -V: with the build lines. */
  build: boolean;
  test: boolean;
  /** -T */
  dump: boolean;
  quiet: boolean;
  signal: Signal | undefined;
  prefix: ByteString | undefined;
  errorLog: ByteString | undefined;
  file: ByteString | undefined;
  globalDirectives: ByteString | undefined;
}

type ValueKey = 'prefix' | 'errorLog' | 'file' | 'globalDirectives';

const VALUES: ReadonlyMap<string, { readonly key: ValueKey; readonly needs: string }> = new Map([
  ['p', { key: 'prefix', needs: 'directory name' }],
  ['e', { key: 'errorLog', needs: 'file name' }],
  ['c', { key: 'file', needs: 'file name' }],
  ['g', { key: 'globalDirectives', needs: 'parameter' }],
]);

const SIGNALS: ReadonlyMap<string, Signal> = new Map(
  (['stop', 'quit', 'reopen', 'reload'] as const).map((name) => [name, name]),
);

/** @returns the text of the complaint where an argument is wrong */
export function parseOptions(argv: readonly ByteString[]): Options | ByteString {
  const options: Options = {
    help: false,
    version: false,
    build: false,
    test: false,
    dump: false,
    quiet: false,
    signal: undefined,
    prefix: undefined,
    errorLog: undefined,
    file: undefined,
    globalDirectives: undefined,
  };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) return `invalid option: "${word}"`;
    const complaint = parseWord(word, rest, options);
    if (complaint !== undefined) return complaint;
  }
  return options;
}

/** One argument may bundle several letters; one that takes a value takes the rest, or the next argument. */
function parseWord(word: ByteString, rest: ByteString[], options: Options): ByteString | undefined {
  for (let i = 1; i < word.length; i++) {
    const letter = word.charAt(i);
    const value = VALUES.get(letter);
    if (value !== undefined || letter === 's') {
      const text = i + 1 < word.length ? word.slice(i + 1) : rest.shift();
      if (text === undefined) {
        return `option "-${letter}" requires ${value?.needs ?? 'parameter'}`;
      }
      if (value !== undefined) options[value.key] = text;
      else {
        const signal = SIGNALS.get(text);
        if (signal === undefined) return `invalid option: "-s ${text}"`;
        options.signal = signal;
      }
      return undefined;
    }
    if (!setFlag(letter, options)) return `invalid option: "${letter}"`;
  }
  return undefined;
}

function setFlag(letter: string, options: Options): boolean {
  switch (letter) {
    case '?':
    case 'h':
      options.help = true;
      options.version = true;
      return true;
    case 'v':
      options.version = true;
      return true;
    case 'V':
      options.version = true;
      options.build = true;
      return true;
    case 't':
      options.test = true;
      return true;
    case 'T':
      options.test = true;
      options.dump = true;
      return true;
    case 'q':
      options.quiet = true;
      return true;
    default:
      return false;
  }
}
