// The health_check directive and its parameters, for servers and for upstream blocks.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../../conf/directive.ts';
import { msecSlot } from '../../conf/slots.ts';
import { parseMsec, parseNumber } from '../../conf/values.ts';
import type { MailProtocol } from '../protocol.ts';

export type CheckType = MailProtocol['name'] | 'tcp' | 'tls';

export interface HealthParameters {
  readonly intervalMs: number;
  /** A check comes so much later at the most. */
  readonly jitterMs: number;
  readonly fails: number;
  readonly passes: number;
  readonly mandatory: boolean;
  readonly persistent: boolean;
  /** The name of a match block. */
  readonly match: ByteString | undefined;
  /** undefined: that of the server. */
  readonly port: number | undefined;
  readonly type: CheckType | undefined;
}

export interface HealthRaw {
  health: HealthParameters | undefined;
  healthTimeoutMs: number | undefined;
}

export const noHealth = (): HealthRaw => ({ health: undefined, healthTimeoutMs: undefined });

const TYPES: Readonly<Record<CheckType, true>> = { imap: true, pop3: true, smtp: true, tcp: true, tls: true };
const isType = (text: string): text is CheckType => Object.hasOwn(TYPES, text);

export const HEALTH_TIMEOUT_MS = 5000;

export const healthCheck = (contexts: readonly ContextName[]): Directive<HealthRaw> => ({
  name: 'health_check',
  contexts,
  arity: args(0, Number.POSITIVE_INFINITY),
  doc: {
    syntax:
      'health_check [interval=time] [jitter=time] [fails=number] [passes=number] [mandatory [persistent]] ' +
      '[match=name | type=imap|pop3|smtp|tcp|tls] [port=number];',
    default: 'interval=5s jitter=0 fails=1 passes=1',
    summary:
      'Asks the servers of an upstream again and again how they are, and sends no sessions to those that are ill.',
    values: ['interval=', 'jitter=', 'fails=', 'passes=', 'mandatory', 'persistent', 'match=', 'port=', 'type='],
  },
  set: (_cf, words, conf) => {
    if (conf.health !== undefined) return new Fault('is duplicate');
    const parameters = parse(words);
    if (parameters instanceof Fault) return parameters;
    conf.health = parameters;
    return undefined;
  },
});

export const healthTimeout = (contexts: readonly ContextName[]): Directive<HealthRaw> =>
  msecSlot('health_check_timeout', 'healthTimeoutMs', {
    contexts,
    syntax: 'health_check_timeout time;',
    default: '5s',
    summary: 'How long a health check may take, from connecting on.',
  });

type Growing = { -readonly [K in keyof HealthParameters]: HealthParameters[K] };

function parse(words: readonly ByteString[]): HealthParameters | Fault {
  const found: Growing = {
    intervalMs: 5000,
    jitterMs: 0,
    fails: 1,
    passes: 1,
    mandatory: false,
    persistent: false,
    match: undefined,
    port: undefined,
    type: undefined,
  };
  for (const word of words) {
    if (word === 'udp') return whole('"health_check" cannot check by "udp": mail goes over TCP');
    if (!apply(found, word)) return whole(`invalid parameter "${word}"`);
  }
  if (found.persistent && !found.mandatory) return whole('"persistent" of "health_check" requires "mandatory"');
  if (found.match !== undefined && found.type !== undefined) {
    return whole('"health_check" takes either "match" or "type"');
  }
  return found;
}

/** @returns false: there is no such parameter, or not with such a value */
function apply(found: Growing, word: ByteString): boolean {
  if (word === 'mandatory' || word === 'persistent') {
    found[word] = true;
    return true;
  }
  const [, name = '', text = ''] = /^([a-z]+)=(.+)$/s.exec(word) ?? [];
  switch (name) {
    case 'interval':
      return put(found, 'intervalMs', parseMsec(text), 1);
    case 'jitter':
      return put(found, 'jitterMs', parseMsec(text), 0);
    case 'fails':
    case 'passes':
      return put(found, name, parseNumber(text), 1);
    case 'port':
      return put(found, name, parseNumber(text), 1, 65535);
    case 'match':
      found.match = text;
      return true;
    case 'type':
      if (isType(text)) found.type = text;
      return isType(text);
    default:
      return false;
  }
}

function put(
  found: Growing,
  key: 'intervalMs' | 'jitterMs' | 'fails' | 'passes' | 'port',
  value: number | undefined,
  least: number,
  most = Number.POSITIVE_INFINITY,
): boolean {
  if (value === undefined || value < least || value > most) return false;
  found[key] = value;
  return true;
}
