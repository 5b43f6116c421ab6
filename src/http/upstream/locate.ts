// Finds out at run time which upstream is meant, and looks names up that are not to be fixed by the configuration.
import type { ByteString } from '../../conf/directive.ts';
import { inetAddress, type ParsedUrl, type SocketAddress } from '../../core/address.ts';
import { parseIp } from '../../core/ip.ts';
import type { ResolverSpec } from '../../core/resolver-directive.ts';
import { refreshGroup } from '../../upstream/refresh.ts';
import type { HttpRequest } from '../request/request.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { UPSTREAMS } from '../upstream/context.ts';
import { type HttpGroup, plainGroup } from './group.ts';

const BAD_GATEWAY = 502;

/** Whether a host is an address or a unix socket: nobody has to be asked for it. */
function literalAddress(url: ParsedUrl): SocketAddress | undefined {
  const [address] = url.addresses;
  if (address.kind === 'unix') return address;
  const bytes = parseIp(url.host.replace(/^\[|\]$/g, ''));
  return bytes === undefined ? undefined : inetAddress(bytes, url.port);
}

/**
 * The upstream of a URL that was made of variables.
 * @param url parsed without looking its name up
 * @returns a status where there is none; why is in the log
 */
export async function locate(request: HttpRequest, url: ParsedUrl): Promise<HttpGroup | number> {
  const known = url.noPort ? request.conf(UPSTREAMS).find(url.host) : undefined;
  if (known !== undefined) return known;
  const literal = literalAddress(url);
  if (literal !== undefined) {
    return plainGroup(literal.kind === 'unix' ? `unix:${literal.path}` : url.host, [literal]);
  }
  const { resolver, resolverTimeoutMs } = request.conf(httpCoreModule.loc);
  if (resolver === undefined) {
    request.error(`no resolver defined to resolve ${url.host}`);
    return BAD_GATEWAY;
  }
  const addresses = await lookUp(request, resolver, url.host, url.port, resolverTimeoutMs);
  return addresses === undefined ? BAD_GATEWAY : plainGroup(url.host, addresses);
}

async function lookUp(
  request: HttpRequest,
  spec: ResolverSpec,
  host: ByteString,
  port: number,
  timeoutMs: number,
): Promise<readonly SocketAddress[] | undefined> {
  const result = await request.client.services.resolver(spec).resolveName(host, timeoutMs);
  if (!result.ok) {
    request.error(`${host} could not be resolved (${result.code}: ${result.text})`);
    return undefined;
  }
  return result.value.flatMap((ip) => {
    const bytes = parseIp(ip);
    return bytes === undefined ? [] : inetAddress(bytes, port);
  });
}

/** Brings the servers up to date that say `resolve`. */
export function refresh(request: HttpRequest, group: HttpGroup): Promise<void> {
  return refreshGroup(group, request.conf(httpCoreModule.loc).resolverTimeoutMs, (resolver, host, port, timeoutMs) =>
    lookUp(request, resolver, host, port, timeoutMs),
  );
}
