// The rules of allow and deny: the first one that names the client's address decides.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from './address.ts';
import { type Cidr, covers, parseCidr, unmapped } from './cidr.ts';

export interface AccessRule {
  readonly allows: boolean;
  readonly who: Cidr | 'all';
}

/** No address, says inet_addr(3). */
const NOT_AN_ADDRESS = '255.255.255.255';

/** @returns undefined: neither an address or network, nor a word that stands for one */
export function parseWho(text: ByteString): { readonly who: AccessRule['who']; readonly lowBits: boolean } | undefined {
  if (text === 'all') return { who: 'all', lowBits: false };
  const parsed = text === NOT_AN_ADDRESS ? undefined : parseCidr(text);
  return parsed === undefined ? undefined : { who: parsed.cidr, lowBits: parsed.lowBits };
}

export class AccessRules {
  readonly #ipv4: readonly AccessRule[];
  readonly #ipv6: readonly AccessRule[];
  readonly #unix: readonly AccessRule[];

  constructor(rules: readonly AccessRule[]) {
    const about = (length: number): AccessRule[] =>
      rules.filter(({ who }) => who === 'all' || (who.kind === 'inet' && who.address.length === length));
    this.#ipv4 = about(4);
    this.#ipv6 = about(16);
    this.#unix = rules.filter(({ who }) => who === 'all' || who.kind === 'unix');
  }

  /** @returns undefined: no rule names the address */
  allows(address: SocketAddress): boolean | undefined {
    if (address.kind === 'unix') return this.#unix[0]?.allows;
    // An IPv4 address mapped into IPv6 is one of IPv4, as long as there are rules about those.
    const bytes = this.#ipv4.length > 0 ? unmapped(address.bytes) : address.bytes;
    const rules = bytes.length === 4 ? this.#ipv4 : this.#ipv6;
    return rules.find((rule) => isNamed(bytes, rule))?.allows;
  }
}

const isNamed = (bytes: Uint8Array, { who }: AccessRule): boolean =>
  who === 'all' || (who.kind === 'inet' && covers(who.address, who.mask, bytes));
