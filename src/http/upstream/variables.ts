// `$upstream_…`: what the servers of an upstream answered, one value for each that was asked.
import type { ByteString } from '../../conf/directive.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpVariableSpec } from '../script/script.ts';
import { type UpstreamState, upstreamRecord } from './state.ts';

/** `a, b : c`: attempts of a location, then those after an internal redirect. @returns undefined: nobody was asked */
function each(request: HttpRequest, text: (state: UpstreamState) => ByteString | undefined): ByteString | undefined {
  const rounds = upstreamRecord(request)?.rounds.filter((round) => round.length > 0) ?? [];
  if (rounds.length === 0) return undefined;
  return rounds.map((round) => round.map((state) => text(state) ?? '-').join(', ')).join(' : ');
}

const seconds = (ms: number | undefined): ByteString | undefined =>
  ms === undefined ? undefined : (ms / 1000).toFixed(3);

const variable = (name: string, text: (state: UpstreamState) => ByteString | undefined): HttpVariableSpec => ({
  name,
  get: (request) => each(request, text),
  volatile: true,
});

function header(request: HttpRequest, rest: string): ByteString | undefined {
  const fields = upstreamRecord(request)?.fields ?? [];
  const values = fields.filter(([name]) => name.toLowerCase().replaceAll('-', '_') === rest).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

function cookie(request: HttpRequest, rest: string): ByteString | undefined {
  for (const [name, value] of upstreamRecord(request)?.fields ?? []) {
    if (name.toLowerCase() !== 'set-cookie') continue;
    const [, key, text] = /^\s*([^=;]*)=([^;]*)/.exec(value) ?? [];
    if (key?.toLowerCase() === rest) return text;
  }
  return undefined;
}

export const upstreamVariables: readonly HttpVariableSpec[] = [
  variable('upstream_addr', ({ peer }) => peer),
  variable('upstream_status', ({ status }) => status?.toString()),
  variable('upstream_connect_time', ({ connectMs }) => seconds(connectMs)),
  variable('upstream_header_time', ({ headerMs }) => seconds(headerMs)),
  variable('upstream_response_time', ({ responseMs }) => seconds(responseMs)),
  variable('upstream_response_length', ({ responseLength }) => String(responseLength)),
  variable('upstream_bytes_sent', ({ bytesSent }) => String(bytesSent)),
  variable('upstream_bytes_received', ({ bytesReceived }) => String(bytesReceived)),
  { name: 'upstream_cache_status', get: () => undefined },
  { name: 'upstream_http_', prefix: true, get: header },
  { name: 'upstream_cookie_', prefix: true, get: cookie },
];
