// Which address a geo of http looks up: that of the client, behind the proxies that are trusted.
import { type ByteString, type ConfCursor, Fault } from '../../conf/directive.ts';
import { type AddressMatcher, type Cidr, compileCidrs, unmapped } from '../../core/cidr.ts';
import { socketAddressOf } from '../../net/endpoint.ts';
import { addressOf, parseNetwork } from '../../script/geo/network.ts';
import type { GeoClient } from '../../script/geo/read.ts';
import type { HttpRequest } from '../request/request.ts';
import { forwardedFor } from './forwarded.ts';

/** Believes X-Forwarded-For as far as proxies have written it. */
export class ForwardedClient implements GeoClient<HttpRequest> {
  readonly #proxies: Cidr[] = [];
  #trusts: AddressMatcher = () => false;
  #isRecursive = false;

  take(cf: ConfCursor, [first, second, ...more]: readonly ByteString[]): boolean | Fault {
    if (first === 'proxy_recursive' && second === undefined) {
      this.#isRecursive = true;
      return true;
    }
    if (first !== 'proxy' || second === undefined || more.length > 0) return false;
    const proxy = parseNetwork(cf, second);
    if (proxy instanceof Fault) return proxy;
    this.#proxies.push(proxy);
    this.#trusts = compileCidrs(this.#proxies);
    return true;
  }

  find(request: HttpRequest): Uint8Array {
    const { client } = request.client;
    const forwarded = this.#proxies.length === 0 ? undefined : request.header('x-forwarded-for');
    const found =
      forwarded === undefined
        ? undefined
        : forwardedFor(socketAddressOf(client), forwarded, this.#trusts, this.#isRecursive);
    return found === undefined ? addressOf(client?.address ?? '') : unmapped(found.bytes);
  }
}
