// The server directive of an upstream block, of any protocol.
import { args, type ByteString, type ConfCursor, type Directive, Fault, whole } from '../conf/directive.ts';
import { parseNumber, parseSec } from '../conf/values.ts';
import { parseUrl } from '../core/address.ts';
import type { Subject } from '../script/subject.ts';
import type { Balancer } from './balance/balancer.ts';
import type { UpstreamContext } from './context.ts';
import type { ServerLine } from './group-server.ts';
import { PLAIN_SERVER, type ServerParameters } from './peer.ts';

interface HasServers {
  servers: ServerLine[];
  readonly balancer: Pick<Balancer<never>, 'allowsBackup'> | undefined;
}

const notSupported = (word: string): Fault => whole(`balancing method does not support parameter "${word}"`);

export const serverDirective = <S extends Subject>(block: UpstreamContext<S>): Directive<HasServers> => ({
  name: 'server',
  contexts: [block.context],
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax:
      'server address [weight=number] [max_fails=number] [fail_timeout=time] [max_conns=number] [slow_start=time] ' +
      '[backup] [down] [resolve] ...;',
    summary: `A server of the upstream, ${block.port.summary}. A name with several addresses is several servers.`,
    values: ['weight=', 'max_fails=', 'fail_timeout=', 'max_conns=', 'slow_start=', 'backup', 'down', 'resolve'],
  },
  set: (cf, values, conf) => {
    const line = parseServer(cf, values, conf.balancer, block.port.number);
    if (line instanceof Fault) return line;
    conf.servers.push(line);
    return undefined;
  },
});

type Growing = { -readonly [K in keyof ServerParameters]: ServerParameters[K] };

function parseServer(
  cf: ConfCursor,
  [text = '', ...words]: readonly ByteString[],
  balancer: HasServers['balancer'],
  defaultPort: number,
): ServerLine | Fault {
  const parameters: Growing = { ...PLAIN_SERVER };
  let resolves = false;
  for (const word of words) {
    if (word === 'resolve') {
      resolves = true;
      continue;
    }
    if (word === 'backup' && balancer?.allowsBackup === false) return notSupported(word);
    if (!applyWord(parameters, word)) return whole(`invalid parameter "${word}"`);
    if (parameters.slowStartMs > 0 && balancer?.allowsBackup === false) return notSupported('slow_start');
  }
  const lookUp = (name: ByteString): readonly string[] => (resolves ? ['0.0.0.0'] : cf.env.resolveHost(name));
  const url = parseUrl(text, { defaultPort, resolve: lookUp });
  if (url instanceof Fault) return whole(`${url.text} in upstream "${text}"`);
  const isName = resolves && url.host !== '' && !/^[0-9.]+$|^\[/.test(url.host);
  return {
    text,
    addresses: isName ? [] : url.addresses,
    parameters,
    resolve: isName ? { host: url.host, port: url.port } : undefined,
  };
}

/** @returns false: there is no such parameter */
function applyWord(parameters: Growing, word: ByteString): boolean {
  if (word === 'backup' || word === 'down') {
    parameters[word] = true;
    return true;
  }
  const [, name, text = ''] = /^(weight|max_fails|max_conns|fail_timeout|slow_start)=(.*)$/s.exec(word) ?? [];
  const isTime = name === 'fail_timeout' || name === 'slow_start';
  const value = isTime ? parseSec(text) : parseNumber(text);
  if (value === undefined) return false;
  if (name === 'weight') {
    if (value === 0) return false;
    parameters.weight = value;
  } else if (name === 'max_fails') parameters.maxFails = value;
  else if (name === 'max_conns') parameters.maxConns = value;
  else if (name === 'fail_timeout') parameters.failTimeoutMs = value * 1000;
  else if (name === 'slow_start') parameters.slowStartMs = value * 1000;
  else return false;
  return true;
}
