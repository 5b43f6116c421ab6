// `syslog:server=…,facility=…,tag=…`: where and how records go to a syslog server, as error_log and access_log name it.
import { type ByteString, Fault, whole } from '../conf/directive.ts';
import { parseUrl, type SocketAddress } from './address.ts';
import type { SyslogSpec } from './log-sinks/syslog-sink.ts';

export interface SyslogTarget extends SyslogSpec {
  /** 0 (emerg) to 7 (debug): for records that have no level of their own. */
  readonly severity: number;
}

/** The codes of RFC 3164, section 4.1.1, by their places. */
const FACILITIES =
  'kern user mail daemon auth intern lpr news uucp clock authpriv ftp ntp audit alert cron local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );
const SEVERITIES = 'emerg alert crit error warn notice info debug'.split(' ');

const DEFAULT_PORT = 514;
const MAX_TAG = 32;

interface Draft {
  server: SyslogSpec['server'] | undefined;
  facility: number | undefined;
  severity: number | undefined;
  tag: ByteString | undefined;
  nohostname: boolean;
}

/** @param text what follows `syslog:` @param resolve the system's look-up of a host name */
export function parseSyslogTarget(
  text: ByteString,
  resolve: (name: ByteString) => readonly string[],
): SyslogTarget | Fault {
  const draft: Draft = {
    server: undefined,
    facility: undefined,
    severity: undefined,
    tag: undefined,
    nohostname: false,
  };
  for (const parameter of text.split(',')) {
    const fault = setParameter(draft, parameter, resolve);
    if (fault !== undefined) return fault;
  }
  const { server, facility = FACILITIES.indexOf('local7'), severity = SEVERITIES.indexOf('info'), tag } = draft;
  if (server === undefined) return whole('no syslog server specified');
  return {
    server,
    facility,
    severity,
    tag: tag === undefined || tag === '' ? 'nginx' : tag,
    nohostname: draft.nohostname,
  };
}

function setParameter(
  draft: Draft,
  parameter: ByteString,
  resolve: (name: ByteString) => readonly string[],
): Fault | undefined {
  if (parameter === 'nohostname') {
    draft.nohostname = true;
    return undefined;
  }
  const [, key, value = ''] = /^(server|facility|severity|tag)=(.*)$/s.exec(parameter) ?? [];
  switch (key) {
    case 'server': {
      const server = draft.server === undefined ? parseServer(value, resolve) : duplicate(key);
      if (server instanceof Fault) return server;
      draft.server = server;
      return undefined;
    }
    case 'facility':
    case 'severity': {
      if (draft[key] !== undefined) return duplicate(key);
      const code = (key === 'facility' ? FACILITIES : SEVERITIES).indexOf(value);
      if (code < 0) return whole(`unknown syslog ${key} "${value}"`);
      draft[key] = code;
      return undefined;
    }
    case 'tag':
      if (draft.tag !== undefined) return duplicate(key);
      if (value.length > MAX_TAG) return whole(`syslog tag length exceeds ${MAX_TAG}`);
      if (/[^A-Za-z0-9_]/.test(value)) return whole('syslog "tag" only allows alphanumeric characters and underscore');
      draft.tag = value;
      return undefined;
    default:
      return whole(`unknown syslog parameter "${parameter}"`);
  }
}

const duplicate = (key: string): Fault => whole(`duplicate syslog "${key}"`);

/** The first address of a name. */
function parseServer(text: ByteString, resolve: (name: ByteString) => readonly string[]): SyslogSpec['server'] | Fault {
  const url = parseUrl(text, { defaultPort: DEFAULT_PORT, resolve });
  return url instanceof Fault ? whole(`${url.text} in syslog server "${text}"`) : server(url.addresses[0]);
}

const server = (address: SocketAddress): SyslogSpec['server'] =>
  address.kind === 'unix' ? { path: address.path } : { host: address.ip, port: address.port };
