// Arguments NAME=VALUE of the programs around the servers.

export interface NamedArguments {
  /** Empty where it was not given. */
  text(name: string): string;
  number(name: string, fallback: number): number;
}

export function argumentsOf(words: readonly string[]): NamedArguments {
  const values = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  return {
    text: (name) => values.get(name) ?? '',
    number: (name, fallback) => Number(values.get(name) ?? fallback),
  };
}
