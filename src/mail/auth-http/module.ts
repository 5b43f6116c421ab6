// The auth_http module: which HTTP service decides who may log in, and where to.
import { args, at, type ByteString, ConfError, type Directive, Fault } from '../../conf/directive.ts';
import { bitmaskSlot, enumSlot, flagSlot, msecSlot, numSlot, sizeSlot } from '../../conf/slots.ts';
import { formatAddress } from '../../core/address.ts';
import { dialTarget } from '../../net/dial-target.ts';
import { coreModule } from '../core-module.ts';
import { defineMailModule, type MergeContext } from '../define.ts';
import { sslModule } from '../ssl/module.ts';
import { type MailGroup, UPSTREAMS } from '../upstream/context.ts';
import { type CustomHeader, customLines } from './custom-headers.ts';
import type { AuthServer } from './exchange.ts';
import { type AuthGroup, NEXT_ON, type NextAuthOn } from './group.ts';
import type { RequestParts } from './request.ts';
import { MAX_RESPONSE } from './response.ts';
import { type AuthSslRaw, type AuthTls, authSslDirectives, authTls, noAuthSsl } from './ssl.ts';
import { type AuthUrl, readAuthUrl } from './url.ts';

interface AuthHttpRaw extends AuthSslRaw {
  url: AuthUrl | 'off' | undefined;
  headers: CustomHeader[] | undefined;
  passClientCert: boolean | undefined;
  timeoutMs: number | undefined;
  version: HttpVersion | undefined;
  keepalive: number | undefined;
  loopback: boolean | undefined;
  bufferSize: number | undefined;
  nextOn: Set<NextAuthOn> | undefined;
  nextTries: number | undefined;
  nextTimeoutMs: number | undefined;
}

interface AuthHttpMain {
  readonly urls: AuthUrl[];
}

type HttpVersion = '1.0' | '1.1';

interface AuthHttpCommon {
  /** The server or the group, as logs show it. */
  readonly text: ByteString;
  /** Of https. */
  readonly tls: AuthTls | undefined;
  readonly parts: RequestParts;
  /** How many connections may wait for the next question; 0: each question has a connection of its own. */
  readonly keepalive: number;
  /** A server of this configuration is asked without a socket. */
  readonly loopback: boolean;
  /** How long the headers of an answer may be, in bytes; undefined: as long as with nginx. */
  readonly bufferSize: number | undefined;
}

/** One server is asked, or a group. */
export type AuthHttpConf = AuthHttpCommon &
  (
    | { readonly server: AuthServer; readonly group: undefined }
    | { readonly server: undefined; readonly group: AuthGroup }
  );

const both = { contexts: ['mail', 'mail.server'] } as const;
const TIMEOUT_MS = 60_000;

const authHttp: Directive<AuthHttpRaw> = {
  name: 'auth_http',
  ...both,
  arity: args(1, 2),
  doc: {
    syntax: 'auth_http URL [resolve] | off;',
    summary:
      'The service that is asked about every login: a server, or an upstream. A host name is looked up when the ' +
      'configuration is read, and with resolve again and again. With off nobody is asked: the backend of proxy_pass ' +
      'gets user and password, and decides.',
    values: ['off', 'resolve'],
  },
  set: (cf, [value = '', word], conf) => {
    if (value === 'off' && word === undefined) {
      conf.url = value;
      return undefined;
    }
    const url = readAuthUrl(cf, value, word);
    if (url instanceof Fault) return url;
    cf.store.get(authHttpModule.main).urls.push(url);
    conf.url = url; // the last one wins
    return undefined;
  },
};

const customHeader: Directive<AuthHttpRaw> = {
  name: 'auth_http_header',
  ...both,
  arity: args(2),
  doc: {
    syntax: 'auth_http_header name value;',
    summary:
      'A header of every question, such as a secret that the service knows. Known variables in it have their value.',
  },
  set: ({ position }, [name = '', text = ''], conf) => {
    conf.headers = [...(conf.headers ?? []), { name, text, position, value: undefined }];
    return undefined;
  },
};

export const authHttpModule = defineMailModule({
  name: 'auth_http',
  createMainConf: (): AuthHttpMain => ({ urls: [] }),
  initMainConf: ({ urls }, mail, env) => {
    for (const url of urls) url.settle(mail.get(UPSTREAMS), env);
  },
  createSrvConf: (): AuthHttpRaw => ({
    ...noAuthSsl(),
    url: undefined,
    headers: undefined,
    passClientCert: undefined,
    timeoutMs: undefined,
    version: undefined,
    keepalive: undefined,
    loopback: undefined,
    bufferSize: undefined,
    nextOn: undefined,
    nextTries: undefined,
    nextTimeoutMs: undefined,
  }),
  srvDirectives: [
    authHttp,
    msecSlot('auth_http_timeout', 'timeoutMs', {
      ...both,
      syntax: 'auth_http_timeout time;',
      default: '60s',
      summary: 'How long one question may take, from connecting to the end of the answer.',
    }),
    customHeader,
    flagSlot('auth_http_pass_client_cert', 'passClientCert', {
      ...both,
      syntax: 'auth_http_pass_client_cert on | off;',
      default: 'off',
      summary: "Sends the client's certificate along, as PEM with percent escapes.",
    }),
    enumSlot(
      'auth_http_version',
      'version',
      { '1.0': '1.0', '1.1': '1.1' },
      {
        ...both,
        syntax: 'auth_http_version 1.0 | 1.1;',
        default: '1.0',
        summary: 'The version of HTTP in which the auth service is asked.',
      },
    ),
    numSlot('auth_http_keepalive', 'keepalive', {
      ...both,
      syntax: 'auth_http_keepalive number;',
      default: '0',
      summary: 'How many connections to the auth service a worker keeps for the next question. Needs version 1.1.',
    }),
    flagSlot('auth_http_loopback', 'loopback', {
      ...both,
      syntax: 'auth_http_loopback on | off;',
      default: 'on',
      summary: 'Whether an auth service in an http server of the same configuration is asked without a socket.',
    }),
    bitmaskSlot('auth_http_next_upstream', 'nextOn', Object.fromEntries(NEXT_ON.map((word) => [word, word])), {
      ...both,
      syntax: 'auth_http_next_upstream condition ...;',
      default: 'error timeout',
      summary:
        'After which failures and answers another auth server of a group is asked, or another address of a name.',
    }),
    numSlot('auth_http_next_upstream_tries', 'nextTries', {
      ...both,
      syntax: 'auth_http_next_upstream_tries number;',
      default: '0',
      summary: 'How many auth servers are asked about a login; 0 is as many as there are.',
    }),
    msecSlot('auth_http_next_upstream_timeout', 'nextTimeoutMs', {
      ...both,
      syntax: 'auth_http_next_upstream_timeout time;',
      default: '0',
      summary: 'How long after the first one another auth server is asked about a login; 0: always.',
    }),
    ...authSslDirectives,
    sizeSlot('auth_http_buffer', 'bufferSize', {
      ...both,
      syntax: 'auth_http_buffer size;',
      default: '1k',
      summary: 'How long status line and headers of an answer of the auth service may be; 1k at least.',
    }),
  ],
  mergeSrvConf,
});

function mergeSrvConf(
  prev: Readonly<AuthHttpRaw>,
  conf: Readonly<AuthHttpRaw>,
  cx: MergeContext,
): AuthHttpConf | undefined {
  const url = conf.url ?? prev.url;
  if (url === undefined) throw new ConfError(`no "auth_http" is defined for server${at(cx.server)}`);
  if (url === 'off') return undefined;
  const headers = conf.headers ?? prev.headers ?? [];
  const version = conf.version ?? prev.version ?? '1.0';
  const keepalive = conf.keepalive ?? prev.keepalive ?? 0;
  if (keepalive > 0 && version === '1.0') {
    throw new ConfError(`"auth_http_keepalive" requires "auth_http_version 1.1" for server${at(cx.server)}`);
  }
  // HTTP/1.1 keeps a connection unless that is declined.
  const connection = version === '1.1' && keepalive === 0 ? 'Connection: close\r\n' : '';
  const bufferSize = conf.bufferSize ?? prev.bufferSize;
  const tls = url.scheme === 'https' ? authTls(prev, conf, url.host, cx.env) : undefined;
  return {
    ...asked(url, prev, conf, tls, cx),
    tls,
    bufferSize: bufferSize && Math.max(MAX_RESPONSE, bufferSize),
    keepalive,
    loopback: conf.loopback ?? prev.loopback ?? true,
    parts: {
      head: Buffer.from(`GET ${url.uri} HTTP/${version}\r\nHost: ${url.host}\r\n${connection}`, 'latin1'),
      custom: customLines(headers, cx),
      passClientCert: conf.passClientCert ?? prev.passClientCert ?? false,
      verifiesClient: cx.store.get(sslModule.srv).verifyClient !== 'off',
    },
  };
}

type Asked =
  | { readonly server: AuthServer; readonly group: undefined; readonly text: ByteString }
  | { readonly server: undefined; readonly group: AuthGroup; readonly text: ByteString };

/** @throws ConfError */
function asked(
  url: AuthUrl,
  prev: Readonly<AuthHttpRaw>,
  conf: Readonly<AuthHttpRaw>,
  tls: AuthTls | undefined,
  cx: MergeContext,
): Asked {
  const nextOn = conf.nextOn ?? prev.nextOn;
  const timeoutMs = Math.max(1, conf.timeoutMs ?? prev.timeoutMs ?? TIMEOUT_MS);
  const servers = serversOf(url, nextOn, cx);
  if (servers === undefined) {
    const [address] = url.addresses;
    const text = formatAddress(address);
    const server = { target: dialTarget(address), text, timeoutMs, tls: tls && { ...tls, target: text } };
    return { server, group: undefined, text };
  }
  const next = {
    on: nextOn ?? new Set<NextAuthOn>(['error', 'timeout']),
    tries: conf.nextTries ?? prev.nextTries ?? 0,
    timeoutMs: conf.nextTimeoutMs ?? prev.nextTimeoutMs ?? 0,
  };
  const group = { servers, next, port: url.port, timeoutMs, text: servers.name };
  return { server: undefined, group, text: servers.name };
}

/** nginx asks only the first address of a name, and so do we unless there is a word about others. */
function serversOf(url: AuthUrl, nextOn: ReadonlySet<NextAuthOn> | undefined, cx: MergeContext): MailGroup | undefined {
  if (url.upstream !== undefined) return url.upstream;
  if (url.resolves) {
    const { resolver } = cx.store.get(coreModule.srv);
    if (resolver !== undefined) return url.group(resolver);
    throw new ConfError(`no resolver defined to resolve names at run time in auth_http "${url.text}"`, url.position);
  }
  return url.addresses.length > 1 && nextOn !== undefined && !nextOn.has('off') ? url.group() : undefined;
}
