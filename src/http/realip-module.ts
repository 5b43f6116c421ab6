// The realip module: whom to believe about the address of a client, and where it stands.
import { args, type ByteString, type Directive, Fault } from '../conf/directive.ts';
import { flagSlot, slot } from '../conf/slots.ts';
import { Key } from '../conf/store.ts';
import { type AddressMatcher, type Cidr, cidrsOf, compileCidrs } from '../core/cidr.ts';
import { type Endpoint, socketAddressOf } from '../net/endpoint.ts';
import { proxiedClient } from '../net/proxy-protocol/accept.ts';
import { defineHttpModule } from './define.ts';
import type { HttpRequest } from './request/request.ts';
import { forwardedFor } from './script/forwarded.ts';

interface LocRaw {
  from: Cidr[] | undefined;
  header: ByteString | undefined;
  recursive: boolean | undefined;
}

interface RealipLoc {
  /** undefined: nobody is believed. */
  readonly trusts: AddressMatcher | undefined;
  /** Lower case. */
  readonly header: ByteString;
  readonly recursive: boolean;
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const PROXY_PROTOCOL = 'proxy_protocol';
/** Of others the first line counts. */
const FORWARDED_FOR = 'x-forwarded-for';

const setRealIpFrom: Directive<LocRaw> = {
  name: 'set_real_ip_from',
  ...all,
  arity: args(1),
  doc: {
    syntax: 'set_real_ip_from address | CIDR | hostname | unix:;',
    summary: 'Trusts what comes from here about the address of the client. May be repeated.',
  },
  set: (cf, [text = ''], conf) => {
    const cidrs = cidrsOf(cf, 'set_real_ip_from', text);
    if (cidrs instanceof Fault) return cidrs;
    conf.from = [...(conf.from ?? []), ...cidrs];
    return undefined;
  },
};

/** The address has been replaced: that happens once for a request. */
const REPLACED = new Key<true>('http realip');

function replace(request: HttpRequest): undefined {
  const { client, context } = request;
  const conf = request.conf(realipModule.loc);
  if (conf.trusts === undefined || context.has(REPLACED)) return undefined;
  const found = findClient(request, conf, conf.trusts);
  if (found === undefined) return undefined;
  context.set(REPLACED, true);
  client.client = found;
  return undefined;
}

function findClient(
  request: HttpRequest,
  { header, recursive }: RealipLoc,
  trusts: AddressMatcher,
): Endpoint | undefined {
  const { client } = request;
  const peer = socketAddressOf(client.peer);
  if (header === PROXY_PROTOCOL) {
    return client.proxied !== undefined && trusts(peer) ? proxiedClient(client.proxied) : undefined;
  }
  const list = header === FORWARDED_FOR ? request.header(header) : firstLine(request, header);
  const found = list === undefined ? undefined : forwardedFor(peer, list, trusts, recursive);
  return found === undefined ? undefined : { address: found.ip, port: found.port };
}

function firstLine({ headers: { lines } }: HttpRequest, name: ByteString): ByteString | undefined {
  const at = lines.findIndex((line, i) => i % 2 === 0 && line.toLowerCase() === name);
  return at < 0 ? undefined : lines[at + 1];
}

export const realipModule = defineHttpModule({
  name: 'realip',
  loc: {
    create: (): LocRaw => ({ from: undefined, header: undefined, recursive: undefined }),
    directives: [
      setRealIpFrom,
      slot<'header', ByteString>(
        'real_ip_header',
        'header',
        args(1),
        {
          ...all,
          syntax: 'real_ip_header field | X-Real-IP | X-Forwarded-For | proxy_protocol;',
          default: 'X-Real-IP',
          summary: 'Where the address of the client stands: a header of the request, or the PROXY header.',
          values: ['X-Real-IP', 'X-Forwarded-For', 'proxy_protocol'],
        },
        ([name = '']) => name.toLowerCase(),
      ),
      flagSlot('real_ip_recursive', 'recursive', {
        ...all,
        syntax: 'real_ip_recursive on | off;',
        default: 'off',
        summary: 'Whether an address in the header is passed over that is trusted itself.',
      }),
    ],
    merge: (prev: RealipLoc | undefined, raw): RealipLoc => ({
      trusts: raw.from === undefined ? prev?.trusts : compileCidrs(raw.from),
      header: raw.header ?? prev?.header ?? 'x-real-ip',
      recursive: raw.recursive ?? prev?.recursive ?? false,
    }),
  },
  handlers: { postRead: replace, preaccess: replace },
});
