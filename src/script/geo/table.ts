// The entries of one geo block: networks or ranges with their values.
import { type ByteString, type ConfCursor, Fault, whole } from '../../conf/directive.ts';
import { parseNetwork } from './network.ts';
import { Networks } from './networks.ts';
import { Ranges } from './ranges.ts';

/** IPv4 and IPv6 as a whole. */
const EVERYTHING = [
  { address: new Uint8Array(4), bits: 0 },
  { address: new Uint8Array(16), bits: 0 },
] as const;

export class GeoTable {
  readonly #networks = new Networks();
  readonly #ranges = new Ranges();
  #inRanges = false;
  /** In ranges; otherwise it is a network like any other. */
  #default: ByteString | undefined;

  find(address: Uint8Array): ByteString {
    if (!this.#inRanges) return this.#networks.find(address) ?? '';
    const found = address.length === 4 ? this.#ranges.find(address) : undefined;
    return found ?? this.#default ?? '';
  }

  /** One entry of the block. */
  add(cf: ConfCursor, words: readonly ByteString[]): Fault | undefined {
    const [first = '', second] = words;
    if (words.length === 1 && first === 'ranges') {
      if (!this.#networks.isEmpty || !this.#ranges.isEmpty) {
        return whole('the "ranges" directive must be the first directive inside "geo" block');
      }
      this.#inRanges = true;
      return undefined;
    }
    if (words.length !== 2 || second === undefined) return whole('invalid number of the geo parameters');
    return this.#inRanges ? this.#addRange(cf, first, second) : this.#addNetwork(cf, first, second);
  }

  #addRange(cf: ConfCursor, first: ByteString, second: ByteString): Fault | undefined {
    if (first === 'default') {
      const old = this.#default;
      if (old !== undefined) cf.warn(`duplicate default geo range value: "${second}", old value: "${old}"`);
      this.#default = second;
      return undefined;
    }
    if (first !== 'delete') return this.#ranges.add(first, second, (text) => cf.warn(text));
    const found = this.#ranges.delete(second);
    if (found instanceof Fault) return found;
    if (!found) cf.warn(`no address range "${second}" to delete`);
    return undefined;
  }

  #addNetwork(cf: ConfCursor, first: ByteString, second: ByteString): Fault | undefined {
    if (first === 'default') {
      for (const network of EVERYTHING) this.#set(cf, network, first, second);
      return undefined;
    }
    const text = first === 'delete' ? second : first;
    const cidr = parseNetwork(cf, text);
    if (cidr instanceof Fault) return cidr;
    const network = { address: cidr.address, bits: bitsOf(cidr.mask) };
    if (first !== 'delete') this.#set(cf, network, first, second);
    else if (!this.#networks.delete(network)) cf.warn(`no network "${second}" to delete`);
    return undefined;
  }

  #set(cf: ConfCursor, network: { address: Uint8Array; bits: number }, text: ByteString, value: ByteString): void {
    const old = this.#networks.set(network, value);
    if (old !== undefined) cf.warn(`duplicate network "${text}", value: "${value}", old value: "${old}"`);
  }
}

/** How many of a mask's bits are set. */
const bitsOf = (mask: Uint8Array): number => mask.reduce((bits, byte) => bits + 8 - Math.log2(256 - byte), 0);
