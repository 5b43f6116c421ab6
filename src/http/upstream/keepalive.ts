// The keepalive directives of an upstream block.
import { args, type Directive, Fault, whole } from '../../conf/directive.ts';
import { msecSlot, numSlot } from '../../conf/slots.ts';
import { parseNumber } from '../../conf/values.ts';
import { DEFAULT_KEEPALIVE, type KeepaliveRules } from './group.ts';

export interface KeepaliveRaw {
  keepalive: { readonly connections: number; readonly local: boolean } | undefined;
  keepaliveTimeoutMs: number | undefined;
  keepaliveRequests: number | undefined;
  keepaliveTimeMs: number | undefined;
}

const inUpstream = { contexts: ['http.upstream'] } as const;

const keepalive: Directive<KeepaliveRaw> = {
  name: 'keepalive',
  ...inUpstream,
  arity: args(1, 2),
  doc: {
    syntax: 'keepalive connections [local];',
    default: '32 local',
    summary: 'Idle connections to the servers that each worker keeps; with local, each location has its own.',
    values: ['local'],
  },
  set: (_cf, [text = '', word], conf) => {
    if (conf.keepalive !== undefined) return new Fault('is duplicate');
    const connections = parseNumber(text);
    if (connections === undefined || connections === 0)
      return whole(`invalid value "${text}" in "keepalive" directive`);
    if (word !== undefined && word !== 'local') return whole(`invalid parameter "${word}"`);
    conf.keepalive = { connections, local: word === 'local' };
    return undefined;
  },
};

export const keepaliveDirectives: readonly Directive<KeepaliveRaw>[] = [
  keepalive,
  msecSlot('keepalive_timeout', 'keepaliveTimeoutMs', {
    ...inUpstream,
    syntax: 'keepalive_timeout timeout;',
    default: '60s',
    summary: 'How long a connection to a server may be idle.',
  }),
  numSlot('keepalive_requests', 'keepaliveRequests', {
    ...inUpstream,
    syntax: 'keepalive_requests number;',
    default: '1000',
    summary: 'Requests that a connection to a server may serve.',
  }),
  msecSlot('keepalive_time', 'keepaliveTimeMs', {
    ...inUpstream,
    syntax: 'keepalive_time time;',
    default: '1h',
    summary: 'How long a connection to a server may be used.',
  }),
];

export const keepaliveRules = (raw: KeepaliveRaw): KeepaliveRules => ({
  connections: raw.keepalive?.connections ?? DEFAULT_KEEPALIVE.connections,
  local: raw.keepalive?.local ?? DEFAULT_KEEPALIVE.local,
  timeoutMs: raw.keepaliveTimeoutMs ?? DEFAULT_KEEPALIVE.timeoutMs,
  requests: raw.keepaliveRequests ?? DEFAULT_KEEPALIVE.requests,
  timeMs: raw.keepaliveTimeMs ?? DEFAULT_KEEPALIVE.timeMs,
});
