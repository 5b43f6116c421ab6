// Passes one request on to a FastCGI application.
import { type ByteString, Fault } from '../../conf/directive.ts';
import { parseUrl } from '../../core/address.ts';
import { localAddress } from '../../upstream/bind.ts';
import { UpstreamReference } from '../../upstream/reference.ts';
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import type { AttemptInput, Transport } from '../upstream/attempt.ts';
import { bodyToPass } from '../upstream/body.ts';
import { UPSTREAMS } from '../upstream/context.ts';
import { exchange } from '../upstream/exchange.ts';
import type { HttpGroup } from '../upstream/group.ts';
import type { IdlePools } from '../upstream/idle-pool.ts';
import { locate, refresh } from '../upstream/locate.ts';
import type { PassedBody } from '../upstream/outgoing.ts';
import { attemptFastcgi } from './client.ts';
import type { FastcgiConf } from './conf.ts';
import { parametersOf } from './parameters.ts';
import { encodeRequest } from './records.ts';

const INTERNAL_ERROR = 500;
/** No port was named, and there is no usual one. */
const NO_PORT = 0;

export async function passToApplication(request: HttpRequest, conf: FastcgiConf, pools: IdlePools): Promise<Outcome> {
  const { target, settings } = conf;
  if (target === undefined) return INTERNAL_ERROR;
  const group = target instanceof UpstreamReference ? target.group : await variableGroup(request, target);
  if (typeof group === 'number') return group;
  const body = settings.passRequestBody ? await bodyToPass(request) : undefined;
  await refresh(request, group);
  return exchange(request, {
    group,
    transport: transportOf(request, conf, pools, group, body),
    next: settings.next,
    ignoreClientAbort: settings.ignoreClientAbort,
    answer: conf.answer,
  });
}

async function variableGroup(request: HttpRequest, value: HttpValue): Promise<HttpGroup | number> {
  const text = value.of(request);
  const url = parseUrl(text, { defaultPort: NO_PORT, resolve: () => ['0.0.0.0'] });
  if (url instanceof Fault) {
    request.error(`${url.text} in upstream "${text}"`);
    return INTERNAL_ERROR;
  }
  if (url.noPort && url.host !== '' && request.conf(UPSTREAMS).find(url.host) === undefined) {
    request.error(`no port in upstream "${text}"`);
    return INTERNAL_ERROR;
  }
  return locate(request, url);
}

function transportOf(
  request: HttpRequest,
  { settings, parameters, keepConn, catches }: FastcgiConf,
  pools: IdlePools,
  group: HttpGroup,
  body: PassedBody | undefined,
): Transport {
  const outgoing = encodeRequest(parametersOf(request, parameters, settings.passRequestHeaders), body, keepConn);
  return {
    shown: (peer: ByteString) => `fastcgi://${peer}${peer.startsWith('unix:') ? ':' : ''}`,
    attempt: (input: AttemptInput) =>
      attemptFastcgi(input, {
        link: {
          outgoing,
          pool: pools.of(input.keepalive, input.keepalive.local ? settings : group),
          plan: {
            request,
            peer: input.peer,
            local: localAddress(settings.bind, request),
            tls: undefined,
            timeoutMs: settings.timeouts.connectMs,
            probes: settings.socketKeepalive,
            signal: input.signal,
          },
          timeouts: settings.timeouts,
        },
        keepsAlive: keepConn,
        catches,
        maxHeadBytes: settings.maxHeadBytes,
      }),
  };
}
