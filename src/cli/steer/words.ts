// The arguments of one of our own words: `--name value` or `--name=value`, nginx's -c, -p and -g, and plain ones.
import { Failure } from './failure.ts';

export interface Words {
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly plain: readonly string[];
}

const OF_FILES = ['-c', '-p', '-g'];

/** @param named options with a value, without their dashes @param flags those without @throws Failure */
export function parseWords(argv: readonly string[], named: readonly string[], flags: readonly string[]): Words {
  const values = new Map<string, string>();
  const set = new Set<string>();
  const plain: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      plain.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    const key = name.replace(/^--/, '');
    if (name.startsWith('--') && equals < 0 && flags.includes(key)) set.add(key);
    else if (OF_FILES.includes(name) || (name.startsWith('--') && named.includes(key))) {
      const value = equals < 0 ? rest.shift() : word.slice(equals + 1);
      if (value === undefined) throw new Failure(2, `option "${name}" requires a value`);
      values.set(key, value);
    } else throw new Failure(2, `invalid option: "${word}"`);
  }
  return { values, flags: set, plain };
}
