// Which sockets the servers of a block need, and which server a connection belongs to.
import { formatAddress, isWildcard, type SocketAddress } from '../../core/address.ts';
import type { ListeningSpec } from './listening.ts';
import type { Keepalive, Listen } from './options.ts';

/** A listen together with the server that it belongs to. */
export interface Port<S> {
  readonly listen: Listen;
  readonly server: S;
}

/** One socket: its own address, and the more specific ones that it serves as well. */
export interface SocketPlan<S> {
  readonly own: Port<S>;
  readonly others: readonly Port<S>[];
}

/**
 * On each port and family a wildcard takes the addresses that do not ask for a socket of their own with it.
 * Sockets come in the order in which their ports appear, those of specific addresses before a wildcard.
 */
export function planSockets<S>(ports: readonly Port<S>[]): SocketPlan<S>[] {
  const groups = new Map<string, Port<S>[]>();
  for (const port of ports) {
    const key = groupOf(port.listen.address);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [port]);
    else group.push(port);
  }
  return [...groups.values()].flatMap(planGroup);
}

function planGroup<S>(group: readonly Port<S>[]): SocketPlan<S>[] {
  const wildcard = group.find(({ listen }) => isWildcard(listen.address));
  if (wildcard === undefined) return group.map((own) => ({ own, others: [] }));
  const rest = group.filter((port) => port !== wildcard);
  return [
    ...rest.filter(({ listen }) => listen.options.bind).map((own) => ({ own, others: [] })),
    {
      own: wildcard,
      others: rest.filter(({ listen }) => !listen.options.bind),
    },
  ];
}

function groupOf(address: SocketAddress): string {
  return address.kind === 'unix' ? formatAddress(address) : `${address.bytes.length}:${address.port}`;
}

/** The port whose address is the local one of a connection; the socket's own where there is none. */
export function choosePort<S>(plan: SocketPlan<S>, localAddress: string | undefined): Port<S> {
  if (plan.others.length === 0 || localAddress === undefined) return plan.own;
  return (
    plan.others.find(({ listen }) => listen.address.kind === 'inet' && listen.address.ip === localAddress) ?? plan.own
  );
}

/** What of a plan is needed to bind its socket. */
export function listeningSpec(plan: SocketPlan<unknown>): ListeningSpec {
  const { address, options } = plan.own.listen;
  return {
    address,
    text: formatAddress(address),
    options: {
      backlog: options.backlog,
      ipv6only: options.ipv6only,
      keepaliveS: keepaliveSeconds(options.keepalive),
    },
  };
}

function keepaliveSeconds(keepalive: Keepalive | 'off' | undefined): number | undefined {
  return keepalive === undefined || keepalive === 'off' ? undefined : keepalive.idle;
}
