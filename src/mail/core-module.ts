// The mail core module: protocol, listen, names, limits and the resolver of a server.
import { hostname } from 'node:os';
import { args, at, type ByteString, ConfError, type Directive, Fault, whole } from '../conf/directive.ts';
import { msecSlot, numSlot, stringSlot } from '../conf/slots.ts';
import { formatAddress } from '../core/address.ts';
import { type ErrorLogSpec, errorLogDirective } from '../core/error-log.ts';
import { type ResolverSpec, resolverDirective } from '../core/resolver-directive.ts';
import type { Listen } from '../net/listen/options.ts';
import { passesModule } from '../net/loopback/passes.ts';
import { defineMailModule, type MergeContext } from './define.ts';
import { parseListen } from './listen.ts';
import { MAIL_MAIN } from './main-conf.ts';
import type { MailProtocol } from './protocol.ts';

interface MailCoreRaw {
  protocol: MailProtocol | undefined;
  listens: Listen[];
  serverName: ByteString | undefined;
  timeoutMs: number | undefined;
  maxErrors: number | undefined;
  maxCommands: number | undefined;
  resolver: ResolverSpec | 'off' | undefined;
  resolverTimeoutMs: number | undefined;
  errorLog: ErrorLogSpec[] | undefined;
}

export interface MailCoreConf {
  readonly protocol: MailProtocol;
  readonly listens: readonly Listen[];
  /** For greetings and challenges. */
  readonly serverName: ByteString;
  /** From the greeting to the credentials, and for the login at the backend, in milliseconds. */
  readonly timeoutMs: number;
  /** Refused lines until the session is closed. */
  readonly maxErrors: number;
  /** Commands that a client may send before it has logged in. */
  readonly maxCommands: number;
  /** Servers that inherit it share the object. */
  readonly resolver: ResolverSpec | undefined;
  readonly resolverTimeoutMs: number;
  /** undefined: the logs of the main context. */
  readonly errorLog: readonly ErrorLogSpec[] | undefined;
}

const both = { contexts: ['mail', 'mail.server'] } as const;
const TIMEOUT_MS = 60_000;
export const RESOLVER_TIMEOUT_MS = 30_000;
const MAX_ERRORS = 5;
/** freenginx's: nobody needs so many, and nginx has no bound but `timeout`. */
const MAX_COMMANDS = 1000;

const listen: Directive<MailCoreRaw> = {
  name: 'listen',
  contexts: ['mail.server'],
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax:
      'listen address[:port] [ssl] [proxy_protocol] [websocket] [bind] [backlog=number] [rcvbuf=size] [sndbuf=size] ' +
      '[ipv6only=on|off] [multipath] [reuseport] [so_keepalive=on|off|[idle]:[interval]:[count]];',
    summary: 'Where the server accepts connections: a port, an address with a port or ports, or unix:PATH. Needed.',
    values: [
      'ssl',
      'proxy_protocol',
      'websocket',
      'bind',
      'backlog=',
      'ipv6only=on',
      'ipv6only=off',
      'reuseport',
      'so_keepalive=',
    ],
  },
  set: (cf, values, conf) => {
    const listens = parseListen(cf, values);
    if (listens instanceof Fault) return listens;
    const { taken, protocols } = cf.store.get(MAIL_MAIN);
    const { offered } = cf.store.get(passesModule.raw);
    const [written = ''] = values;
    for (const entry of listens) {
      const text = formatAddress(entry.address);
      if (taken.has(text)) return whole(`duplicate "${text}" address and port pair`);
      taken.add(text);
      if (!offered.has(written)) offered.set(written, text);
      conf.listens.push(entry);
    }
    const first = listens[0]?.address;
    if (first?.kind === 'inet') {
      conf.protocol ??= [...protocols.values()].find((protocol) => protocol.ports.includes(first.port));
    }
    return undefined;
  },
};

const protocol: Directive<MailCoreRaw> = {
  name: 'protocol',
  contexts: ['mail.server'],
  arity: args(1),
  doc: {
    syntax: 'protocol imap | pop3 | smtp;',
    default: 'by the port of listen',
    summary: 'What the server speaks. Ports 143 and 993, 110 and 995, 25, 465 and 587 need no protocol directive.',
    values: ['imap', 'pop3', 'smtp'],
  },
  set: (cf, [name = ''], conf) => {
    const known = cf.store.get(MAIL_MAIN).protocols.get(name);
    if (known === undefined) return whole(`unknown protocol "${name}"`);
    conf.protocol = known; // the last one wins
    return undefined;
  },
};

export const coreModule = defineMailModule({
  name: 'core',
  createMainConf: () => undefined,
  createSrvConf: (): MailCoreRaw => ({
    protocol: undefined,
    listens: [],
    serverName: undefined,
    timeoutMs: undefined,
    maxErrors: undefined,
    maxCommands: undefined,
    resolver: undefined,
    resolverTimeoutMs: undefined,
    errorLog: undefined,
  }),
  srvDirectives: [
    listen,
    protocol,
    stringSlot('server_name', 'serverName', {
      ...both,
      syntax: 'server_name name;',
      default: 'the host name of the machine',
      summary: 'Our name in SMTP greetings, in challenges and towards SMTP backends.',
    }),
    msecSlot('timeout', 'timeoutMs', {
      ...both,
      syntax: 'timeout time;',
      default: '60s',
      summary: 'How long a client may take to log in, counted from the greeting, and how long the backend may take.',
    }),
    numSlot('max_errors', 'maxErrors', {
      ...both,
      syntax: 'max_errors number;',
      default: '5',
      summary: 'How many lines that are no command close the session.',
    }),
    numSlot('max_commands', 'maxCommands', {
      ...both,
      syntax: 'max_commands number;',
      default: '1000',
      summary: 'How many commands a client may send before it has logged in. The next one closes the session.',
    }),
    resolverDirective(both.contexts),
    msecSlot('resolver_timeout', 'resolverTimeoutMs', {
      ...both,
      syntax: 'resolver_timeout time;',
      default: '30s',
      summary: 'How long one look-up of a client name may take.',
    }),
    errorLogDirective(both.contexts),
  ],
  mergeSrvConf,
});

function mergeSrvConf(prev: Readonly<MailCoreRaw>, conf: Readonly<MailCoreRaw>, cx: MergeContext): MailCoreConf {
  if (conf.protocol === undefined) throw new ConfError(`unknown mail protocol for server${at(cx.server)}`);
  const resolver = conf.resolver ?? prev.resolver ?? 'off';
  const serverName = conf.serverName ?? prev.serverName ?? '';
  return {
    protocol: conf.protocol,
    listens: conf.listens,
    serverName: serverName === '' ? hostname() : serverName,
    // 0 is at once, not for ever.
    timeoutMs: Math.max(1, conf.timeoutMs ?? prev.timeoutMs ?? TIMEOUT_MS),
    maxErrors: conf.maxErrors ?? prev.maxErrors ?? MAX_ERRORS,
    maxCommands: conf.maxCommands ?? prev.maxCommands ?? MAX_COMMANDS,
    resolver: resolver === 'off' ? undefined : resolver,
    resolverTimeoutMs: conf.resolverTimeoutMs ?? prev.resolverTimeoutMs ?? RESOLVER_TIMEOUT_MS,
    errorLog: conf.errorLog ?? prev.errorLog,
  };
}
