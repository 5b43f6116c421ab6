// Chooses the server of a Host header among those of one address.
import type { ByteString } from '../conf/directive.ts';
import type { Regex } from './regex.ts';

export type ServerName =
  | { readonly kind: 'exact'; readonly text: ByteString }
  /** `*.example.com`; `text` is `.example.com`. */
  | { readonly kind: 'suffix'; readonly text: ByteString }
  /** `www.*`; `text` is `www.`. */
  | { readonly kind: 'prefix'; readonly text: ByteString }
  | { readonly kind: 'regex'; readonly text: ByteString; readonly regex: Regex };

export interface NamedServer<S> {
  readonly server: S;
  readonly regex: Regex | undefined;
}

export class ServerNames<S> {
  readonly #exact = new Map<ByteString, S>();
  readonly #suffixes = new Map<ByteString, S>();
  readonly #prefixes = new Map<ByteString, S>();
  readonly #regexes: { readonly regex: Regex; readonly server: S }[] = [];

  /** @returns false: another server has the name already */
  add(name: ServerName, server: S): boolean {
    if (name.kind === 'regex') {
      this.#regexes.push({ regex: name.regex, server });
      return true;
    }
    const names = { exact: this.#exact, suffix: this.#suffixes, prefix: this.#prefixes }[name.kind];
    if (names.has(name.text)) return false;
    names.set(name.text, server);
    return true;
  }

  /** @param host lower case, without port and final dot */
  find(host: ByteString): NamedServer<S> | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return { server: exact, regex: undefined };
    for (let dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
      const server = this.#suffixes.get(host.slice(dot));
      if (server !== undefined) return { server, regex: undefined };
    }
    for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
      const server = this.#prefixes.get(host.slice(0, dot + 1));
      if (server !== undefined) return { server, regex: undefined };
    }
    const match = this.#regexes.find(({ regex }) => regex.exec(host) !== undefined);
    return match;
  }
}
