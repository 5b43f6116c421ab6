// The http core module: where servers listen and how they are called, and what holds for a location as such.
import { hostname } from 'node:os';
import { args, type ByteString, type Directive, Fault } from '../../conf/directive.ts';
import { flagSlot, msecSlot, offsetSlot } from '../../conf/slots.ts';
import type { Store } from '../../conf/store.ts';
import { inetAddress } from '../../core/address.ts';
import { type ErrorLogSpec, errorLogDirective } from '../../core/error-log.ts';
import { type ResolverSpec, resolverDirective } from '../../core/resolver-directive.ts';
import { defaultListenOptions } from '../../net/listen/options.ts';
import { defineHttpModule, type Handler } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import { connectionVariables } from '../variables/connection.ts';
import { requestVariables } from '../variables/request.ts';
import { responseVariables } from '../variables/response.ts';
import { timeVariables } from '../variables/time.ts';
import type { HttpListen } from './addresses.ts';
import { defaultPort, parseHttpListen, parseServerName } from './listen.ts';
import { LOCATION_BLOCK } from './location.ts';
import type { ServerName } from './server-names.ts';

interface SrvRaw {
  /** undefined: there is no directive; one for QUIC gives none. */
  listens: HttpListen[] | undefined;
  names: { readonly text: ByteString; readonly name: ServerName }[] | undefined;
  ignoreInvalidHeaders: boolean | undefined;
  underscoresInHeaders: boolean | undefined;
}

export interface HttpCoreSrv {
  readonly listens: readonly HttpListen[];
  readonly names: readonly { readonly text: ByteString; readonly name: ServerName }[];
  /** Names with an underscore are as good as others. */
  readonly underscoresInHeaders: boolean;
  readonly ignoreInvalidHeaders: boolean;
}

interface LocRaw {
  /** What answers requests for this location, where a directive names it. */
  handler: Handler | undefined;
  errorLog: ErrorLogSpec[] | undefined;
  clientMaxBodySize: number | undefined;
  internal: boolean | undefined;
  absoluteRedirect: boolean | undefined;
  portInRedirect: boolean | undefined;
  serverNameInRedirect: boolean | undefined;
  resolver: ResolverSpec | 'off' | undefined;
  resolverTimeoutMs: number | undefined;
}

export interface HttpCoreLoc {
  readonly handler: Handler | undefined;
  readonly errorLog: readonly ErrorLogSpec[] | undefined;
  /** Bytes; 0 is without limit. */
  readonly clientMaxBodySize: number;
  /** Nobody outside may ask for it. */
  readonly internal: boolean;
  readonly absoluteRedirect: boolean;
  readonly portInRedirect: boolean;
  readonly serverNameInRedirect: boolean;
  readonly resolver: ResolverSpec | undefined;
  readonly resolverTimeoutMs: number;
}

const server = { contexts: ['http.server'] } as const;
const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const servers = { contexts: ['http', 'http.server'] } as const;

const listen: Directive<SrvRaw> = {
  name: 'listen',
  ...server,
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax:
      'listen address[:port] | port | unix:path [default_server] [ssl] [proxy_protocol] [bind] [backlog=number] ...;',
    default: '*:80 or *:8000',
    summary: 'Where the server accepts connections. Servers may share an address, and are told apart by their names.',
    values: ['default_server', 'ssl', 'proxy_protocol', 'bind', 'backlog=', 'reuseport', 'ipv6only=on', 'ipv6only=off'],
  },
  set: (cf, values, conf) => {
    const listens = parseHttpListen(cf, values);
    if (listens instanceof Fault) return listens;
    conf.listens = [...(conf.listens ?? []), ...listens];
    return undefined;
  },
};

const serverName: Directive<SrvRaw> = {
  name: 'server_name',
  ...server,
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax: 'server_name name ...;',
    default: '""',
    summary: 'Host names that the server answers to: exact, *.example.com, www.*, or ~regex.',
  },
  set: (cf, values, conf) => {
    conf.names ??= [];
    for (const value of values) {
      const text = value === '$hostname' ? hostname().toLowerCase() : value;
      const name = parseServerName(cf, text, cf.store.get(VARIABLES));
      if (name instanceof Fault) return name;
      conf.names.push({ text: shownName(name, text), name });
    }
    return undefined;
  },
};

export const httpCoreModule = defineHttpModule({
  name: 'core',
  variables: [...requestVariables, ...connectionVariables, ...responseVariables, ...timeVariables()],
  srv: {
    create: (): SrvRaw => ({
      listens: undefined,
      names: undefined,
      ignoreInvalidHeaders: undefined,
      underscoresInHeaders: undefined,
    }),
    directives: [
      listen,
      serverName,
      flagSlot('ignore_invalid_headers', 'ignoreInvalidHeaders', {
        ...servers,
        syntax: 'ignore_invalid_headers on | off;',
        default: 'on',
        summary: 'Header lines with odd names are left out; otherwise the request is refused.',
      }),
      flagSlot('underscores_in_headers', 'underscoresInHeaders', {
        ...servers,
        syntax: 'underscores_in_headers on | off;',
        default: 'off',
        summary: 'Whether a header name may have an underscore.',
      }),
    ],
    merge: (prev: HttpCoreSrv | undefined, raw): HttpCoreSrv => ({
      listens: raw.listens ?? (prev === undefined ? [] : [implicitListen()]),
      names: raw.names ?? [{ text: '', name: { kind: 'exact', text: '' } }],
      underscoresInHeaders: raw.underscoresInHeaders ?? prev?.underscoresInHeaders ?? false,
      ignoreInvalidHeaders: raw.ignoreInvalidHeaders ?? prev?.ignoreInvalidHeaders ?? true,
    }),
  },
  loc: {
    create: (): LocRaw => ({
      handler: undefined,
      errorLog: undefined,
      clientMaxBodySize: undefined,
      internal: undefined,
      absoluteRedirect: undefined,
      portInRedirect: undefined,
      serverNameInRedirect: undefined,
      resolver: undefined,
      resolverTimeoutMs: undefined,
    }),
    directives: [
      errorLogDirective(all.contexts),
      offsetSlot('client_max_body_size', 'clientMaxBodySize', {
        ...all,
        syntax: 'client_max_body_size size;',
        default: '1m',
        summary: 'The largest body of a request; 0 is without limit.',
      }),
      {
        name: 'internal',
        contexts: ['http.location'],
        arity: args(0),
        doc: { syntax: 'internal;', summary: 'Requests from outside get 404 here; only redirects within lead to it.' },
        set: (_cf, _values, conf) => {
          conf.internal = true;
          return undefined;
        },
      },
      flagSlot('absolute_redirect', 'absoluteRedirect', {
        ...all,
        syntax: 'absolute_redirect on | off;',
        default: 'on',
        summary: 'Whether redirects name scheme and host.',
      }),
      flagSlot('port_in_redirect', 'portInRedirect', {
        ...all,
        syntax: 'port_in_redirect on | off;',
        default: 'on',
        summary: 'Whether absolute redirects name the port.',
      }),
      flagSlot('server_name_in_redirect', 'serverNameInRedirect', {
        ...all,
        syntax: 'server_name_in_redirect on | off;',
        default: 'off',
        summary: 'Redirects name the first server_name in place of the Host of the request.',
      }),
      resolverDirective(all.contexts),
      msecSlot('resolver_timeout', 'resolverTimeoutMs', {
        ...all,
        syntax: 'resolver_timeout time;',
        default: '30s',
        summary: 'How long one look-up of a name may take.',
      }),
    ],
    merge: (prev: HttpCoreLoc | undefined, raw, { store }): HttpCoreLoc => {
      const resolver = raw.resolver ?? prev?.resolver;
      return {
        handler: raw.handler ?? (isNameless(store) ? prev?.handler : undefined),
        errorLog: raw.errorLog ?? prev?.errorLog,
        clientMaxBodySize: raw.clientMaxBodySize ?? prev?.clientMaxBodySize ?? 1 << 20,
        internal: raw.internal ?? false,
        absoluteRedirect: raw.absoluteRedirect ?? prev?.absoluteRedirect ?? true,
        portInRedirect: raw.portInRedirect ?? prev?.portInRedirect ?? true,
        serverNameInRedirect: raw.serverNameInRedirect ?? prev?.serverNameInRedirect ?? false,
        resolver: resolver === 'off' ? undefined : resolver,
        resolverTimeoutMs: raw.resolverTimeoutMs ?? prev?.resolverTimeoutMs ?? 30_000,
      };
    },
  },
});

/** An if or limit_except: what is left out there is as in the location around it, the content handler too. */
const isNameless = (store: Store): boolean =>
  store.has(LOCATION_BLOCK) && store.get(LOCATION_BLOCK).match.kind === 'nameless';

/** What a server without a listen gets. */
const implicitListen = (): HttpListen => ({
  address: inetAddress(new Uint8Array(4), defaultPort()),
  options: defaultListenOptions(),
  position: { file: undefined, line: 0 },
  isDefault: false,
  isSet: false,
});

/** `$server_name`. */
const shownName = ({ kind }: ServerName, text: ByteString): ByteString =>
  kind === 'regex' ? text : kind === 'both' ? text.slice(1).toLowerCase() : text.toLowerCase();
