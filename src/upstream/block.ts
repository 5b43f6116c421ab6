// An upstream block while it is read, and what is checked at its end, for any protocol.
import { at, type ByteString, ConfError, type Directive, type Position } from '../conf/directive.ts';
import { msecSlot } from '../conf/slots.ts';
import { type ResolverSpec, resolverDirective } from '../core/resolver-directive.ts';
import type { Subject } from '../script/subject.ts';
import type { Balancer } from './balance/balancer.ts';
import type { UpstreamContext } from './context.ts';
import type { LookupRules } from './group.ts';
import type { ServerLine } from './group-server.ts';
import { methodDirectives } from './methods.ts';
import { serverDirective } from './server-line.ts';
import { type HasZone, zoneDirective } from './zone.ts';

export interface UpstreamBlock<S> extends HasZone {
  readonly name: ByteString;
  readonly position: Position;
  servers: ServerLine[];
  balancer: Balancer<S> | undefined;
  resolver: ResolverSpec | 'off' | undefined;
  resolverTimeoutMs: number | undefined;
}

export const upstreamBlock = <S>(name: ByteString, position: Position): UpstreamBlock<S> => ({
  name,
  position,
  servers: [],
  balancer: undefined,
  zone: undefined,
  resolver: undefined,
  resolverTimeoutMs: undefined,
});

/** What may stand in such a block. */
export const blockDirectives = <S extends Subject>(
  block: UpstreamContext<S>,
): readonly Directive<UpstreamBlock<S>>[] => [
  serverDirective(block),
  ...methodDirectives(block),
  zoneDirective(block),
  resolverDirective([block.context]),
  msecSlot('resolver_timeout', 'resolverTimeoutMs', {
    contexts: [block.context],
    syntax: 'resolver_timeout time;',
    default: '30s',
    summary: 'How long one look-up of a name may take.',
  }),
];

/**
 * @param inherited the resolver of the block around it
 * @returns how names are looked up at run time
 * @throws ConfError
 */
export function checkBlock<S>(block: UpstreamBlock<S>, inherited: ResolverSpec | 'off' | undefined): LookupRules {
  const { name, servers, position } = block;
  if (servers.every(({ parameters }) => parameters.backup)) {
    throw new ConfError(`no servers in upstream "${name}"`, position);
  }
  if (servers.some(({ resolve }) => resolve !== undefined)) {
    const place = `"${name}"${at(position)}`;
    if (block.zone === undefined) {
      throw new ConfError(`resolving names at run time requires upstream ${place} to be in shared memory`);
    }
    if ((block.resolver ?? inherited ?? 'off') === 'off') {
      throw new ConfError(`no resolver defined to resolve names at run time in upstream ${place}`);
    }
  }
  const resolver = block.resolver === 'off' || block.resolver === undefined ? inherited : block.resolver;
  return { resolver: resolver === 'off' ? undefined : resolver, timeoutMs: block.resolverTimeoutMs };
}
