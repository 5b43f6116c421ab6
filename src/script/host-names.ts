// Host names and wildcards with a value each, as server_name and the hostnames of map have them.
import type { ByteString } from '../conf/directive.ts';

export type HostPattern =
  | { readonly kind: 'exact'; readonly text: ByteString }
  /** `*.example.com`; `text` is `.example.com`. */
  | { readonly kind: 'suffix'; readonly text: ByteString }
  /** `.example.com`, which is that name and all below it; `text` as written. */
  | { readonly kind: 'both'; readonly text: ByteString }
  /** `www.*`; `text` is `www.`. */
  | { readonly kind: 'prefix'; readonly text: ByteString };

/** @param text lower case @returns undefined: no host name, nor a wildcard that there is */
export function parseHostPattern(text: ByteString): HostPattern | undefined {
  const star = text.indexOf('*');
  if (text.includes('..') || text.includes('\0') || text.indexOf('*', star + 1) > star) return undefined;
  if (text.startsWith('.') && text.length > 1) return { kind: 'both', text };
  if (star < 0) return { kind: 'exact', text };
  if (text.length > 2 && text.startsWith('*.')) return { kind: 'suffix', text: text.slice(1) };
  if (text.length > 2 && text.endsWith('.*')) return { kind: 'prefix', text: text.slice(0, -1) };
  return undefined;
}

export class HostNames<T> {
  readonly #exact = new Map<ByteString, T>();
  readonly #suffixes = new Map<ByteString, T>();
  readonly #prefixes = new Map<ByteString, T>();

  /** @returns false: the pattern, or a part of what it stands for, has a value already */
  add({ kind, text }: HostPattern, value: T): boolean {
    switch (kind) {
      case 'exact':
        return addTo(this.#exact, text, value);
      case 'suffix':
        return addTo(this.#suffixes, text, value);
      case 'prefix':
        return addTo(this.#prefixes, text, value);
      case 'both':
        return addTo(this.#exact, text.slice(1), value) && addTo(this.#suffixes, text, value);
      default:
        return kind satisfies never;
    }
  }

  /** The name itself, then the longest suffix, then the longest prefix. @param host lower case, without final dot */
  find(host: ByteString): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    if (this.#suffixes.size > 0) {
      for (let dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
        const value = this.#suffixes.get(host.slice(dot));
        if (value !== undefined) return value;
      }
    }
    if (this.#prefixes.size > 0) {
      for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
        const value = this.#prefixes.get(host.slice(0, dot + 1));
        if (value !== undefined) return value;
      }
    }
    return undefined;
  }
}

function addTo<T>(names: Map<ByteString, T>, name: ByteString, value: T): boolean {
  if (names.has(name)) return false;
  names.set(name, value);
  return true;
}
