// Passes one request on by HTTP: where to, what is said, and over which connection.
import { type ByteString, Fault } from '../../conf/directive.ts';
import { parseUrl } from '../../core/address.ts';
import { localAddress } from '../../upstream/bind.ts';
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import type { AttemptInput, Transport } from '../upstream/attempt.ts';
import { bodyToPass } from '../upstream/body.ts';
import type { DialPlan, PeerTls } from '../upstream/dial.ts';
import { exchange } from '../upstream/exchange.ts';
import type { HttpGroup, KeepaliveRules } from '../upstream/group.ts';
import type { IdlePool, IdlePools } from '../upstream/idle-pool.ts';
import { locate, refresh } from '../upstream/locate.ts';
import type { Outgoing, PassedBody } from '../upstream/outgoing.ts';
import { attemptHttp } from './client.ts';
import type { ProxyConf } from './conf.ts';
import { buildRequestHead } from './request-head.ts';
import { defaultPortOf, type ProxyTarget, type Scheme, splitScheme } from './target.ts';
import { upstreamUri } from './uri.ts';
import { DESTINATION, type ProxyDestination } from './variables.ts';

/** Where one request goes. */
interface Destination {
  readonly scheme: Scheme;
  readonly shown: ProxyDestination;
  readonly uri: ByteString;
  /** A status where there is no such upstream. */
  readonly group: HttpGroup | number;
}

const INTERNAL_ERROR = 500;

export async function passOn(request: HttpRequest, conf: ProxyConf, pools: IdlePools): Promise<Outcome> {
  const { target, settings } = conf;
  if (target === undefined) return INTERNAL_ERROR;
  const destination =
    target.kind === 'fixed' ? fixed(request, target) : await variable(request, target.url.of(request));
  if (destination === undefined) return INTERNAL_ERROR;
  request.context.set(DESTINATION, destination.shown);
  const { group } = destination;
  if (typeof group === 'number') return group;
  const sent = settings.passRequestBody && conf.body === undefined ? await bodyToPass(request) : undefined;
  const own = conf.body === undefined ? undefined : Buffer.from(conf.body.of(request), 'latin1');
  await refresh(request, group);
  return exchange(request, {
    group,
    transport: new HttpTransport(request, conf, pools, destination, own ?? sent),
    next: settings.next,
    ignoreClientAbort: settings.ignoreClientAbort,
    answer: conf.answer,
  });
}

function fixed(
  request: HttpRequest,
  { scheme, reference, uri, location }: Extract<ProxyTarget, { kind: 'fixed' }>,
): Destination {
  const { group, url } = reference;
  return { scheme, shown: shownOf(scheme, url), uri: upstreamUri(request, uri, location), group };
}

/** @returns undefined: no URL; why is in the log */
async function variable(request: HttpRequest, text: ByteString): Promise<Destination | undefined> {
  const split = splitScheme(text);
  if (split === undefined || split.rest === '') {
    request.error(`invalid URL prefix in "${text}"`);
    return undefined;
  }
  const { scheme, rest } = split;
  const url = parseUrl(rest, { defaultPort: defaultPortOf(scheme), uri: true, resolve: () => ['0.0.0.0'] });
  if (url instanceof Fault) {
    request.error(`${url.text} in upstream "${rest}"`);
    return undefined;
  }
  const own = url.uri.startsWith('?') ? `/${url.uri}` : url.uri;
  const uri = own === '' ? upstreamUri(request, '', '') : own;
  return { scheme, shown: shownOf(scheme, url), uri, group: await locate(request, url) };
}

function shownOf(scheme: Scheme, url: { host: ByteString; port: number; noPort: boolean }): ProxyDestination {
  if (url.host === '') return { host: 'localhost', port: '' };
  const usual = url.noPort || url.port === defaultPortOf(scheme);
  return { host: usual ? url.host : `${url.host}:${url.port}`, port: String(url.port) };
}

class HttpTransport implements Transport {
  readonly #conf: ProxyConf;
  readonly #pools: IdlePools;
  readonly #destination: Destination;
  readonly #method: ByteString;
  readonly #outgoing: Outgoing;
  readonly #tls: PeerTls | undefined;

  constructor(request: HttpRequest, conf: ProxyConf, pools: IdlePools, to: Destination, body: PassedBody | undefined) {
    this.#conf = conf;
    this.#pools = pools;
    this.#destination = to;
    const method = conf.method?.of(request) || request.method;
    const { text, takesBody } = buildRequestHead({
      request,
      method,
      uri: to.uri,
      version: conf.version,
      host: to.shown.host,
      own: conf.fields,
      passesFields: conf.settings.passRequestHeaders,
      bodyLength: body?.length,
    });
    const head = Buffer.from(text, 'latin1');
    this.#method = method;
    this.#outgoing = { head, body: takesBody ? body : undefined, frame: asIs, tail: undefined };
    this.#tls = to.scheme === 'https' ? tlsOf(request, conf, to.shown.host) : undefined;
  }

  shown(peer: ByteString): ByteString {
    const { scheme, uri } = this.#destination;
    return peer.startsWith('unix:') ? `${scheme}://${peer}:${uri}` : `${scheme}://${peer}${uri}`;
  }

  attempt(input: AttemptInput): ReturnType<Transport['attempt']> {
    const { settings, version } = this.#conf;
    const plan: DialPlan = {
      request: input.request,
      peer: input.peer,
      local: localAddress(settings.bind, input.request),
      tls: this.#tls,
      timeoutMs: settings.timeouts.connectMs,
      probes: settings.socketKeepalive,
      signal: input.signal,
    };
    return attemptHttp(input, {
      link: { outgoing: this.#outgoing, pool: this.#pool(input.keepalive), plan, timeouts: settings.timeouts },
      method: this.#method,
      keepsAlive: version === '1.1',
      maxHeadBytes: settings.maxHeadBytes,
    });
  }

  #pool(rules: KeepaliveRules): IdlePool {
    const { group } = this.#destination;
    return this.#pools.of(rules, rules.local || typeof group === 'number' ? this.#conf : group);
  }
}

const asIs = (piece: Buffer): readonly Buffer[] => [piece];

/** The certificate has to name the host of the URL, less its port, unless proxy_ssl_name says another one. */
function tlsOf(request: HttpRequest, conf: ProxyConf, host: ByteString): PeerTls | undefined {
  if (conf.tls === undefined) return undefined;
  const name = (conf.tlsName?.of(request) ?? host).replace(/(?<=.):\d+$/, '');
  return { tls: conf.tls, name, sendsName: conf.tlsSendsName };
}
