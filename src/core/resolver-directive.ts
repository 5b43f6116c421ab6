// The resolver directive: which name servers find the names of SMTP clients.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../conf/directive.ts';
import { parseSec } from '../conf/values.ts';
import { formatAddress, parseUrl } from '../core/address.ts';

export interface NameServer {
  readonly address: string;
  readonly port: number;
  /** As the log shows it. */
  readonly text: ByteString;
}

export interface ResolverSpec {
  readonly servers: readonly NameServer[];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Instead of the TTL of answers, in milliseconds. */
  readonly validMs: number | undefined;
  /** What it is counted by; undefined: it is not. */
  readonly statusZone: ByteString | undefined;
}

interface HasResolver {
  resolver: ResolverSpec | 'off' | undefined;
}

const DNS_PORT = 53;
const STATUS_ZONE = 'status_zone=';

export function resolverDirective(contexts: readonly ContextName[]): Directive<HasResolver> {
  return {
    name: 'resolver',
    contexts,
    arity: args(1, Number.POSITIVE_INFINITY),
    doc: {
      syntax: 'resolver address ... [valid=time] [ipv4=on|off] [ipv6=on|off] [status_zone=name]; resolver off;',
      default: 'off',
      summary: 'Name servers for the host names of SMTP clients. Without them no name is looked up.',
      values: ['off', 'valid=', 'ipv4=off', 'ipv6=off', 'status_zone='],
    },
    set: (cf, values, conf) => {
      if (conf.resolver !== undefined) return new Fault('is duplicate');
      if (values.length === 1 && values[0] === 'off') {
        conf.resolver = 'off';
        return undefined;
      }
      const spec = parseResolver(values, (name) => cf.env.resolveHost(name));
      if (spec instanceof Fault) return spec;
      conf.resolver = spec;
      return undefined;
    },
  };
}

function parseResolver(
  values: readonly ByteString[],
  resolve: (name: ByteString) => readonly string[],
): ResolverSpec | Fault {
  const servers: NameServer[] = [];
  let validMs: number | undefined;
  let statusZone: ByteString | undefined;
  const family = { ipv4: true, ipv6: true };
  for (const value of values) {
    if (value.startsWith('valid=')) {
      const seconds = parseSec(value.slice('valid='.length));
      if (seconds === undefined) return whole(`invalid parameter: ${value}`);
      validMs = seconds * 1000;
    } else if (value.startsWith('ipv4=') || value.startsWith('ipv6=')) {
      const on = value.slice(5);
      if (on !== 'on' && on !== 'off') return whole(`invalid parameter: ${value}`);
      family[value.startsWith('ipv4=') ? 'ipv4' : 'ipv6'] = on === 'on';
    } else if (value.startsWith(STATUS_ZONE)) {
      statusZone = value.slice(STATUS_ZONE.length);
      if (statusZone === '') return whole(`invalid parameter: ${value}`);
    } else {
      const url = parseUrl(value, { defaultPort: DNS_PORT, resolve });
      if (url instanceof Fault) return whole(`${url.text} in resolver "${value}"`);
      for (const address of url.addresses) {
        if (address.kind === 'inet') {
          servers.push({
            address: address.ip,
            port: address.port,
            text: formatAddress(address),
          });
        }
      }
    }
  }
  if (!family.ipv4 && !family.ipv6) return whole('"ipv4" and "ipv6" cannot both be "off"');
  if (servers.length === 0) return whole('no name servers defined');
  return { servers, ...family, validMs, statusZone };
}
