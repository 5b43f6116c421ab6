// Names that are looked up while somebody waits: those of upstreams, and of backends alone.
import type { ByteString } from '../../conf/directive.ts';
import { inetAddress, type SocketAddress } from '../../core/address.ts';
import { parseIp } from '../../core/ip.ts';
import type { Resolver } from '../../core/resolver/resolver.ts';
import { refreshGroup } from '../../upstream/refresh.ts';
import type { MailServer } from '../server.ts';
import type { Session } from '../session/session.ts';
import type { MailGroup } from './context.ts';

/** @returns undefined: there are none; why is in the log */
export async function lookUp(
  caller: Pick<Session, 'error'>,
  resolver: Resolver,
  { host, port }: { readonly host: ByteString; readonly port: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly SocketAddress[] | undefined> {
  const result = await resolver.resolveName(host, timeoutMs, signal);
  if (!result.ok) {
    if (!signal.aborted) caller.error(`${host} could not be resolved (${result.code}: ${result.text})`);
    return undefined;
  }
  return result.value.flatMap((ip) => {
    const bytes = parseIp(ip);
    return bytes === undefined ? [] : inetAddress(bytes, port);
  });
}

/** Looks names up that say `resolve`. @returns undefined: there are none, and nothing has to be waited for */
export function refresh(
  group: MailGroup,
  caller: Pick<Session, 'error'>,
  server: Pick<MailServer, 'resolverOf'> & { readonly core: Pick<MailServer['core'], 'resolverTimeoutMs'> },
  signal: AbortSignal,
): Promise<void> | undefined {
  if (group.lookup.resolver === undefined || group.dynamic.length === 0) return undefined;
  return refreshGroup(group, server.core.resolverTimeoutMs, (spec, host, port, timeoutMs) =>
    lookUp(caller, server.resolverOf(spec), { host, port }, timeoutMs, signal),
  );
}

/** Unless the session has lost interest. */
export function goOn<T>(
  found: Promise<T>,
  { conn, onFault }: Session,
  signal: AbortSignal,
  then: (value: T) => void,
): void {
  found.then((value) => {
    if (!signal.aborted) conn.guard(() => then(value));
  }, onFault);
}
