// Which address a geo looks up: that of the client, behind the proxies that are trusted, or that of a variable.
import { type ByteString, type ConfCursor, type Fault, whole } from '../../conf/directive.ts';
import { type AddressMatcher, type Cidr, compileCidrs, parseCidr, unmapped } from '../../core/cidr.ts';
import { parseIp } from '../../core/ip.ts';
import { socketAddressOf } from '../../net/endpoint.ts';
import { forwardedFor } from '../forwarded.ts';
import type { HttpRequest } from '../request.ts';

/** Stands for what is no address, and for a client on a unix socket. */
export const NO_ADDRESS = Uint8Array.of(255, 255, 255, 255);

/** An address or network. Warns of bits that do not count. */
export function parseNetwork(cf: ConfCursor, text: ByteString): Extract<Cidr, { kind: 'inet' }> | Fault {
  if (text === '255.255.255.255') return { kind: 'inet', address: NO_ADDRESS, mask: NO_ADDRESS };
  const parsed = parseCidr(text);
  if (parsed === undefined || parsed.cidr.kind === 'unix') return whole(`invalid network "${text}"`);
  if (parsed.lowBits) cf.warn(`low address bits of ${text} are meaningless`);
  return parsed.cidr;
}

/** The address of the client itself, or of a text; as IPv4 where it is one mapped into IPv6. */
export const addressOf = (text: ByteString): Uint8Array => unmapped(parseIp(text) ?? NO_ADDRESS);

/** Believes X-Forwarded-For as far as proxies have written it. */
export class ForwardedClient {
  readonly #proxies: Cidr[] = [];
  #trusts: AddressMatcher = () => false;
  isRecursive = false;

  trust(proxy: Cidr): void {
    this.#proxies.push(proxy);
    this.#trusts = compileCidrs(this.#proxies);
  }

  find(request: HttpRequest): Uint8Array {
    const { client } = request.client;
    const forwarded = this.#proxies.length === 0 ? undefined : request.header('x-forwarded-for');
    const found =
      forwarded === undefined
        ? undefined
        : forwardedFor(socketAddressOf(client), forwarded, this.#trusts, this.isRecursive);
    return found === undefined ? addressOf(client?.address ?? '') : unmapped(found.bytes);
  }
}
