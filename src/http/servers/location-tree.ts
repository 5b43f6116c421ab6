// Finds the location of a URI: exact, longest prefix, then regular expressions in the order of the file.
import type { ByteString } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import type { HttpRegex } from '../script/script.ts';
import type { LocationBlock } from './location.ts';

interface Prefix {
  readonly text: ByteString;
  readonly store: Store;
  /** `^~`: no regular expression beside it is tried after it. */
  readonly isFinal: boolean;
  /** It ends with a slash, and what lacks only that is redirected there. */
  readonly redirects: boolean;
  readonly inner: LocationTree;
}

export interface Found {
  readonly store: Store;
  readonly captures: readonly (ByteString | undefined)[] | undefined;
  /** For the captures' names. */
  readonly regex: HttpRegex | undefined;
  /** The URI lacks only the slash that the location ends with, and the location has a content handler. */
  readonly isWithoutSlash?: true;
}

interface Static extends Found {
  /** No regular expression is tried after it. */
  readonly isExact: boolean;
  readonly trees: LocationTree[];
}

export class LocationTree {
  readonly #exact = new Map<ByteString, Store>();
  /** The longest first. */
  readonly #prefixes: readonly Prefix[];
  readonly #regexes: readonly { readonly regex: HttpRegex; readonly store: Store; readonly inner: LocationTree }[];
  readonly #named = new Map<ByteString, Store>();

  /** @param handles whether a location has a content handler of its own */
  constructor(blocks: readonly LocationBlock[], handles: (store: Store) => boolean) {
    const prefixes: Prefix[] = [];
    const regexes: { regex: HttpRegex; store: Store; inner: LocationTree }[] = [];
    for (const { match, store, inner } of blocks) {
      if (match.kind === 'exact') this.#exact.set(match.text, store);
      else if (match.kind === 'named') this.#named.set(match.text, this.#named.get(match.text) ?? store);
      else if (match.kind === 'regex')
        regexes.push({ regex: match.regex, store, inner: new LocationTree(inner, handles) });
      else if (match.kind !== 'nameless') {
        const isFinal = match.kind === 'no-regex';
        const redirects = match.text.endsWith('/') && handles(store);
        prefixes.push({ text: match.text, store, isFinal, redirects, inner: new LocationTree(inner, handles) });
      }
    }
    this.#prefixes = prefixes.sort((a, b) => b.text.length - a.text.length);
    this.#regexes = regexes;
  }

  named(name: ByteString): Store | undefined {
    return this.#named.get(name);
  }

  /** @returns undefined: the server's own structs hold */
  find(uri: ByteString): Found | undefined {
    const found = this.#static(uri);
    for (const tree of found?.trees ?? [this]) {
      const byRegex = tree.#byRegex(uri);
      if (byRegex !== undefined) return byRegex;
    }
    return found;
  }

  #slashed(uri: ByteString): Static | undefined {
    const found = this.#prefixes.find(
      ({ text, redirects }) => redirects && text.length === uri.length + 1 && text.startsWith(uri),
    );
    if (found === undefined) return undefined;
    const { store } = found;
    return { store, captures: undefined, regex: undefined, isWithoutSlash: true, isExact: true, trees: [] };
  }

  /** @returns also the trees whose regular expressions come into question, the innermost first */
  #static(uri: ByteString): Static | undefined {
    const exact = this.#exact.get(uri);
    if (exact !== undefined) return { store: exact, captures: undefined, regex: undefined, isExact: true, trees: [] };
    const prefix = this.#prefixes.find(({ text }) => uri.startsWith(text));
    const slashed = prefix?.text === uri ? undefined : this.#slashed(uri);
    if (slashed !== undefined) return slashed;
    if (prefix === undefined) return undefined;
    const deeper = prefix.inner.#static(uri);
    if (deeper !== undefined) {
      if (!deeper.isExact && !prefix.isFinal) deeper.trees.push(this);
      return deeper;
    }
    return {
      store: prefix.store,
      captures: undefined,
      regex: undefined,
      isExact: false,
      trees: prefix.isFinal ? [prefix.inner] : [prefix.inner, this],
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
