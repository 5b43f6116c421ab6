// The directives that choose how an upstream balances, for the blocks of any protocol.
import { args, type ByteString, type ConfCursor, type Directive, Fault, whole } from '../conf/directive.ts';
import type { Subject } from '../script/subject.ts';
import { compileValue } from '../script/value.ts';
import type { Balancer } from './balance/balancer.ts';
import { consistentBalancer } from './balance/consistent.ts';
import { hashBalancer } from './balance/hash.ts';
import { ipHashBalancer } from './balance/ip-hash.ts';
import { leastConnBalancer } from './balance/least-conn.ts';
import { randomBalancer } from './balance/random.ts';
import type { UpstreamContext } from './context.ts';

interface HasBalancer<S> {
  balancer: Balancer<S> | undefined;
  /** keepalive was there: a method below it is not in nginx's order. */
  readonly keepalive?: object | undefined;
}

function choose<S>(conf: HasBalancer<S>, balancer: Balancer<S>): undefined {
  conf.balancer = balancer;
  return undefined;
}

function warnOfOther(cf: ConfCursor, conf: HasBalancer<never>): void {
  if (conf.balancer !== undefined || conf.keepalive !== undefined) cf.warn('load balancing method redefined');
}

export function methodDirectives<S extends Subject>(block: UpstreamContext<S>): readonly Directive<HasBalancer<S>>[] {
  const inUpstream = { contexts: [block.context] };
  return [
    {
      name: 'ip_hash',
      ...inUpstream,
      arity: args(0),
      doc: { syntax: 'ip_hash;', summary: 'Clients of a network (three bytes of an IPv4 address) keep their server.' },
      set: (cf, _values, conf) => {
        warnOfOther(cf, conf);
        return choose(conf, ipHashBalancer(block.clientOf));
      },
    },
    {
      name: 'least_conn',
      ...inUpstream,
      arity: args(0),
      doc: { syntax: 'least_conn;', summary: 'The server that answers the fewest requests for its weight.' },
      set: (cf, _values, conf) => {
        warnOfOther(cf, conf);
        return choose(conf, leastConnBalancer);
      },
    },
    {
      name: 'hash',
      ...inUpstream,
      arity: args(1, 2),
      doc: {
        syntax: 'hash key [consistent];',
        summary: 'Requests with the same key go to the same server; with consistent, few keys move with a server.',
        values: ['consistent'],
      },
      set: (cf, [text = '', word], conf) => {
        const key = compileValue(text, cf.store.get(block.variables));
        if (key instanceof Fault) return key;
        warnOfOther(cf, conf);
        if (word !== undefined && word !== 'consistent') return invalid(word);
        return choose(conf, word === undefined ? hashBalancer(key) : consistentBalancer(key));
      },
    },
    {
      name: 'random',
      ...inUpstream,
      arity: args(0, 2),
      doc: {
        syntax: 'random [two [least_conn]];',
        summary: 'Any server, by weight; with two, the less busy of two.',
        values: ['two', 'least_conn'],
      },
      set: (cf, [two, method], conf) => {
        warnOfOther(cf, conf);
        if (two !== undefined && two !== 'two') return invalid(two);
        if (method !== undefined && method !== 'least_conn') return invalid(method);
        return choose(conf, randomBalancer(two === 'two'));
      },
    },
  ];
}

const invalid = (word: ByteString): Fault => whole(`invalid parameter "${word}"`);
