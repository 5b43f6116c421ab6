// The status_zone module: the name that a server is counted by.
import { args, at, type ByteString, ConfError, type Directive, Fault, whole } from '../conf/directive.ts';
import { formatAddress } from '../core/address.ts';
import { statsModule } from '../stats/module.ts';
import { coreModule } from './core-module.ts';
import { defineMailModule } from './define.ts';

interface ZoneRaw {
  zone: ByteString | undefined;
}

const statusZone: Directive<ZoneRaw> = {
  name: 'status_zone',
  contexts: ['mail.server'],
  arity: args(1),
  doc: {
    syntax: 'status_zone name;',
    default: 'the first address of listen',
    summary:
      'The name of the server in what is counted. Servers of the same protocol may share one, and are counted together.',
  },
  set: (cf, [name = ''], conf) => {
    if (conf.zone !== undefined) return new Fault('is duplicate');
    if (name === '') return whole(`invalid zone name "${name}"`);
    conf.zone = name;
    cf.store.get(statsModule.raw).isShown = true;
    return undefined;
  },
};

export const statusZoneModule = defineMailModule({
  name: 'status_zone',
  createMainConf: () => undefined,
  createSrvConf: (): ZoneRaw => ({ zone: undefined }),
  srvDirectives: [statusZone],
  mergeSrvConf: (_prev, { zone }, { server, store }): ByteString => {
    const { listens, protocol } = store.get(coreModule.srv);
    const [first] = listens;
    const name = zone ?? (first === undefined ? '' : formatAddress(first.address));
    if (!store.get(statsModule.raw).claims(name, protocol.name)) {
      throw new ConfError(`status zone "${name}" is already used for another protocol${at(server)}`);
    }
    return name;
  },
});
