// The realip module: whose PROXY headers are believed.
import { args, type Directive, Fault } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import { type AddressMatcher, type Cidr, cidrsOf, compileCidrs } from '../core/cidr.ts';
import { defineMailModule } from './define.ts';

interface RealipRaw {
  from: Cidr[] | undefined;
}

export interface RealipConf {
  /** The peer is a trusted proxy. */
  readonly trusts: AddressMatcher;
}

const setRealIpFrom: Directive<RealipRaw> = {
  name: 'set_real_ip_from',
  contexts: ['mail', 'mail.server'],
  arity: args(1),
  doc: {
    syntax: 'set_real_ip_from address | CIDR | hostname | unix:;',
    summary: 'Trusts the client address in PROXY headers that come from here. May be repeated.',
  },
  set: (cf, [text = ''], conf) => {
    const cidrs = cidrsOf(cf, 'set_real_ip_from', text);
    if (cidrs instanceof Fault) return cidrs;
    conf.from = [...(conf.from ?? []), ...cidrs];
    return undefined;
  },
};

const nobody = (_peer: SocketAddress): boolean => false;

export const realipModule = defineMailModule({
  name: 'realip',
  createMainConf: () => undefined,
  createSrvConf: (): RealipRaw => ({ from: undefined }),
  srvDirectives: [setRealIpFrom],
  mergeSrvConf: (prev, conf): RealipConf => {
    const from = conf.from ?? prev.from;
    return { trusts: from === undefined ? nobody : compileCidrs(from) };
  },
});
