// The api module: what is counted, and the state of servers and backends, in the shape of NGINX Plus's API.
import { args, at, type Directive, Fault, type Position, whole } from '../../conf/directive.ts';
import { controlModule } from '../../control/module.ts';
import type { SocketAddress } from '../../core/address.ts';
import { statsModule } from '../../stats/module.ts';
import { authBasicModule } from '../auth-basic/module.ts';
import { defineHttpModule } from '../define.ts';
import { openAddress } from '../exposure.ts';
import type { HttpListen } from '../servers/addresses.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { LOCATION_BLOCK } from '../servers/location.ts';
import { answerApi } from './answer.ts';

interface ApiRaw {
  isThere: boolean | undefined;
  /** Where it says `write=on`. */
  writes: Position | undefined;
}

const WRITE = /^write=(on|off)$/;

const api: Directive<ApiRaw> = {
  name: 'api',
  contexts: ['http.location'],
  arity: args(0, 1),
  doc: {
    syntax: 'api [write=on|off];',
    summary: 'Answers with what is counted, and with the state of servers and backends, as JSON.',
    values: ['write=on', 'write=off'],
  },
  set: (cf, [word], conf) => {
    if (conf.isThere === true) return new Fault('is duplicate');
    conf.isThere = true;
    const write = word === undefined ? 'off' : WRITE.exec(word)?.[1];
    if (write === undefined) return whole(`invalid parameter "${word ?? ''}"`);
    if (write === 'on') conf.writes = cf.position;
    const { kind, text } = cf.store.get(LOCATION_BLOCK).match;
    const access = { prefix: kind === 'regex' ? '' : text, write: write === 'on' };
    cf.store.get(httpCoreModule.locRaw).handler = (request) => answerApi(request, access);
    cf.store.get(statsModule.raw).isShown = true;
    const { store } = cf;
    store.get(authBasicModule.locRaw).locksOut = true;
    store.get(controlModule.raw).places.push({
      path: access.prefix,
      write: access.write,
      server: kind === 'prefix' || kind === 'no-regex' ? store.get(httpCoreModule.srvRaw) : undefined,
      addresses: () => plainAddresses(store.get(httpCoreModule.srv).listens),
    });
    return undefined;
  },
};

const plainAddresses = (listens: readonly HttpListen[]): readonly SocketAddress[] =>
  listens.filter(({ options }) => !options.ssl && !options.proxyProtocol).map(({ address }) => address);

export const apiModule = defineHttpModule({
  name: 'api',
  loc: {
    create: (): ApiRaw => ({ isThere: undefined, writes: undefined }),
    directives: [api],
    merge: (_prev, raw, { env, store }): Readonly<ApiRaw> => {
      const address = raw.writes && openAddress(store);
      if (raw.writes !== undefined && address !== undefined) {
        env.report('warn', `"api write=on" is open to everybody who reaches ${address}${at(raw.writes)}`);
      }
      return raw;
    },
  },
});
