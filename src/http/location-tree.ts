// Finds the location of a URI: exact, longest prefix, then regular expressions in the order of the file.
import type { ByteString } from '../conf/directive.ts';
import type { Store } from '../conf/store.ts';
import type { LocationBlock } from './location.ts';
import type { Regex } from './regex.ts';

interface Prefix {
  readonly text: ByteString;
  readonly store: Store;
  /** `^~`: no regular expression is tried after it. */
  readonly isFinal: boolean;
  readonly inner: LocationTree;
}

export interface Found {
  readonly store: Store;
  readonly captures: readonly (ByteString | undefined)[] | undefined;
  /** For the captures' names. */
  readonly regex: Regex | undefined;
}

export class LocationTree {
  readonly #exact = new Map<ByteString, Store>();
  /** The longest first. */
  readonly #prefixes: readonly Prefix[];
  readonly #regexes: readonly { readonly regex: Regex; readonly store: Store; readonly inner: LocationTree }[];
  readonly #named = new Map<ByteString, Store>();

  constructor(blocks: readonly LocationBlock[]) {
    const prefixes: Prefix[] = [];
    const regexes: { regex: Regex; store: Store; inner: LocationTree }[] = [];
    for (const { match, store, inner } of blocks) {
      if (match.kind === 'exact') this.#exact.set(match.text, store);
      else if (match.kind === 'named') this.#named.set(match.text, store);
      else if (match.kind === 'regex') regexes.push({ regex: match.regex, store, inner: new LocationTree(inner) });
      else if (match.kind !== 'nameless') {
        const isFinal = match.kind === 'no-regex';
        prefixes.push({ text: match.text, store, isFinal, inner: new LocationTree(inner) });
      }
    }
    this.#prefixes = prefixes.sort((a, b) => b.text.length - a.text.length);
    this.#regexes = regexes;
  }

  /** The exact location of that URI, or the one with that prefix. */
  withText(text: ByteString): Store | undefined {
    return this.#exact.get(text) ?? this.#withPrefix(text);
  }

  #withPrefix(text: ByteString): Store | undefined {
    for (const prefix of this.#prefixes) {
      if (prefix.text === text) return prefix.store;
      const inner = text.startsWith(prefix.text) ? prefix.inner.withText(text) : undefined;
      if (inner !== undefined) return inner;
    }
    return undefined;
  }

  named(name: ByteString): Store | undefined {
    return this.#named.get(name);
  }

  /** @returns undefined: the server's own structs hold */
  find(uri: ByteString): Found | undefined {
    const found = this.#static(uri);
    if (found?.isFinal) return found;
    for (const tree of found?.trees ?? [this]) {
      const byRegex = tree.#byRegex(uri);
      if (byRegex !== undefined) return byRegex;
    }
    return found;
  }

  /** @returns also the trees whose regular expressions come into question, the innermost first */
  #static(uri: ByteString): (Found & { readonly isFinal: boolean; readonly trees: LocationTree[] }) | undefined {
    const exact = this.#exact.get(uri);
    if (exact !== undefined) return { store: exact, captures: undefined, regex: undefined, isFinal: true, trees: [] };
    const prefix = this.#prefixes.find(({ text }) => uri.startsWith(text));
    if (prefix === undefined) return undefined;
    const deeper = prefix.inner.#static(uri);
    if (deeper !== undefined) {
      deeper.trees.push(this);
      return deeper;
    }
    return {
      store: prefix.store,
      captures: undefined,
      regex: undefined,
      isFinal: prefix.isFinal,
      trees: prefix.isFinal ? [] : [prefix.inner, this],
    };
  }

  #byRegex(uri: ByteString): Found | undefined {
    for (const { regex, store, inner } of this.#regexes) {
      const captures = regex.exec(uri);
      if (captures === undefined) continue;
      return inner.find(uri) ?? { store, captures, regex };
    }
    return undefined;
  }
}
