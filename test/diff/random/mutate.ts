// Small damages to a command line.
import type { Random } from '../seeded.ts';

const ODD = [' ', '  ', '\t', '\0', '\r', '\n', '\xff', '*', '=', '+', '{', '}', '-', '.', 'X', '0'] as const;

type Mutation = (text: string, random: Random) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, random) => insert(text, random.below(text.length + 1), random.pick(ODD)),
  (text, random) => remove(text, random.below(text.length), 1 + random.below(3)),
  (text, random) => insert(text, random.below(text.length + 1), text.charAt(random.below(text.length))),
  (text, random) => (random.chance(0.5) ? text.toLowerCase() : text.toUpperCase()),
  (text) => text.replaceAll(' ', '  '),
  (text) => text.replaceAll('\r\n', '\n'),
  (text) => text.replace('\r\n', '\r'),
  (text) => text.replace('\r\n', ' \r\n'),
  (text) => ` ${text}`,
  (text) => text.replace('\r\n', ' 1 2 3 4 5 6 7 8 9 10 11 12\r\n'),
  (text) => text + text,
  (text, random) => text.slice(0, random.below(text.length)),
];

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at);
}

function remove(text: string, at: number, count: number): string {
  return text.slice(0, at) + text.slice(at + count);
}

/** Damages a text one to three times. */
export function mutate(text: string, random: Random): string {
  let result = text;
  for (let i = 1 + random.below(3); i > 0 && result.length > 0; i--) result = random.pick(MUTATIONS)(result, random);
  return result;
}
