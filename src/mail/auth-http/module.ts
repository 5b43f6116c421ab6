// The auth_http module: which HTTP service decides who may log in, and where to.
import { args, at, ConfError, type Directive, Fault, whole } from '../../conf/directive.ts';
import { enumSlot, flagSlot, msecSlot, numSlot, sizeSlot } from '../../conf/slots.ts';
import { formatAddress, type ParsedUrl, parseUrl, type SocketAddress } from '../../core/address.ts';
import type { DialTarget } from '../../net/dial-target.ts';
import { defineMailModule, type MergeContext } from '../define.ts';
import { sslModule } from '../ssl/module.ts';
import { type CustomHeader, customLines } from './custom-headers.ts';
import type { AuthServer } from './exchange.ts';
import type { RequestParts } from './request.ts';
import { MAX_RESPONSE } from './response.ts';
import { type AuthSslRaw, authSslDirectives, authTls, noAuthSsl } from './ssl.ts';

interface AuthHttpRaw extends AuthSslRaw {
  url: AuthUrl | 'off' | undefined;
  headers: CustomHeader[] | undefined;
  passClientCert: boolean | undefined;
  timeoutMs: number | undefined;
  version: HttpVersion | undefined;
  keepalive: number | undefined;
  loopback: boolean | undefined;
  bufferSize: number | undefined;
}

type HttpVersion = '1.0' | '1.1';

interface AuthUrl extends ParsedUrl {
  readonly scheme: Scheme;
}

type Scheme = keyof typeof PORTS;

export interface AuthHttpConf {
  readonly server: AuthServer;
  readonly parts: RequestParts;
  /** How many connections may wait for the next question; 0: each question has a connection of its own. */
  readonly keepalive: number;
  /** A server of this configuration is asked without a socket. */
  readonly loopback: boolean;
  /** How long the headers of an answer may be, in bytes; undefined: as long as with nginx. */
  readonly bufferSize: number | undefined;
}

const both = { contexts: ['mail', 'mail.server'] } as const;
const PORTS = { http: 80, https: 443 } as const;
const TIMEOUT_MS = 60_000;

const authHttp: Directive<AuthHttpRaw> = {
  name: 'auth_http',
  ...both,
  arity: args(1),
  doc: {
    syntax: 'auth_http URL | off;',
    summary:
      'The service that is asked about every login. A host name is looked up when the configuration is read. With off ' +
      'nobody is asked: the backend of proxy_pass gets user and password, and decides.',
    values: ['off'],
  },
  set: (cf, [value = ''], conf) => {
    if (value === 'off') {
      conf.url = value;
      return undefined;
    }
    const [prefix = '', named] = /^(https?):\/\//.exec(value) ?? [];
    const scheme: Scheme = named === 'https' ? named : 'http';
    const text = value.slice(prefix.length);
    const url = parseUrl(text, {
      defaultPort: PORTS[scheme],
      uri: true,
      resolve: (name) => cf.env.resolveHost(name),
    });
    if (url instanceof Fault) return whole(`${url.text} in auth_http "${text}"`);
    conf.url = { ...url, scheme }; // the last one wins
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
  createMainConf: () => undefined,
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
  // nginx asks only the first address of a name.
  const [address] = url.addresses;
  const host = address.kind === 'unix' ? 'localhost' : url.host;
  const version = conf.version ?? prev.version ?? '1.0';
  const keepalive = conf.keepalive ?? prev.keepalive ?? 0;
  if (keepalive > 0 && version === '1.0') {
    throw new ConfError(`"auth_http_keepalive" requires "auth_http_version 1.1" for server${at(cx.server)}`);
  }
  // HTTP/1.1 keeps a connection unless that is declined.
  const connection = version === '1.1' && keepalive === 0 ? 'Connection: close\r\n' : '';
  const uri = url.uri === '' ? '/' : url.uri;
  const text = formatAddress(address);
  const bufferSize = conf.bufferSize ?? prev.bufferSize;
  return {
    bufferSize: bufferSize && Math.max(MAX_RESPONSE, bufferSize),
    keepalive,
    loopback: conf.loopback ?? prev.loopback ?? true,
    server: {
      target: dialTarget(address),
      text,
      timeoutMs: Math.max(1, conf.timeoutMs ?? prev.timeoutMs ?? TIMEOUT_MS),
      tls: url.scheme === 'https' ? { ...authTls(prev, conf, host, cx.env), target: text } : undefined,
    },
    parts: {
      head: Buffer.from(`GET ${uri} HTTP/${version}\r\nHost: ${host}\r\n${connection}`, 'latin1'),
      custom: customLines(headers, cx),
      passClientCert: conf.passClientCert ?? prev.passClientCert ?? false,
      verifiesClient: cx.store.get(sslModule.srv).verifyClient !== 'off',
    },
  };
}

function dialTarget(address: SocketAddress): DialTarget {
  return address.kind === 'inet'
    ? { kind: 'inet', address: address.ip, port: address.port }
    : { kind: 'unix', path: address.path };
}
