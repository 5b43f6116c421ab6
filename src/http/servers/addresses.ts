// The addresses that http servers listen on: each with its options, its servers by name, and its default one.
import { type ByteString, ConfError, type Position } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import { formatAddress } from '../../core/address.ts';
import type { Listen } from '../../net/listen/options.ts';
import type { HttpSsl } from '../ssl/conf.ts';
import { type ServerName, ServerNames } from './server-names.ts';

export interface HttpListen extends Listen {
  readonly isDefault: boolean;
  /** Options of the socket were given: only one listen of an address may have them. */
  readonly isSet: boolean;
}

export interface ServerEntry {
  readonly store: Store;
  /** The `server {` line. */
  readonly position: Position;
  readonly names: readonly ServerName[];
  /** The first name, for `$server_name` and the log. */
  readonly name: ByteString;
  readonly ssl: HttpSsl;
}

export interface HttpAddress {
  readonly listen: HttpListen;
  readonly text: ByteString;
  readonly names: ServerNames<ServerEntry>;
  readonly defaultServer: ServerEntry;
  readonly servers: ReadonlySet<ServerEntry>;
}

/** How far a connection has come: an address, and one of its servers. */
export interface Reached {
  readonly address: HttpAddress;
  /** That of the handshake (SNI), or the default one: it holds until a request names its host. */
  readonly server: ServerEntry;
  /** The client has named the server in the handshake. */
  readonly isNamed: boolean;
}

interface Growing {
  listen: HttpListen;
  readonly names: ServerNames<ServerEntry>;
  readonly servers: Set<ServerEntry>;
  defaultServer: ServerEntry;
  hasDefault: boolean;
}

/** Their servers have no names yet. @throws ConfError */
export function collectAddresses(
  servers: readonly { readonly entry: ServerEntry; readonly listens: readonly HttpListen[] }[],
): HttpAddress[] {
  const all = new Map<ByteString, Growing>();
  for (const { entry, listens } of servers) {
    for (const listen of listens) {
      const text = formatAddress(listen.address);
      const known = all.get(text);
      if (known === undefined) {
        const names = new ServerNames<ServerEntry>();
        const added = { listen, names, servers: new Set<ServerEntry>(), defaultServer: entry, hasDefault: false };
        all.set(text, added);
        join(added, entry, listen, text);
      } else {
        if (known.servers.has(entry)) throw new ConfError(`a duplicate listen ${text}`, listen.position);
        if (listen.isSet && known.listen.isSet) {
          throw new ConfError(`duplicate listen options for ${text}`, listen.position);
        }
        known.listen = combine(known.listen, listen);
        join(known, entry, listen, text);
      }
    }
  }
  return [...all].map(([text, address]) => {
    const { listen, names, defaultServer, servers: entries } = address;
    return { listen, text, names, defaultServer, servers: entries };
  });
}

export function nameServers(addresses: readonly HttpAddress[], warn: (text: ByteString) => void): void {
  for (const { text, names, servers } of addresses) {
    const isAlone = servers.size === 1;
    for (const entry of servers) {
      for (const name of entry.names) {
        if (name.kind === 'invalid' && !isAlone) {
          throw new ConfError(`invalid server name or wildcard "${name.text}" on ${text}`);
        }
        if (!names.add(name, entry) && !isAlone) warn(`conflicting server name "${shown(name)}" on ${text}, ignored`);
      }
    }
  }
}

function join(address: Growing, entry: ServerEntry, listen: HttpListen, text: ByteString): void {
  address.servers.add(entry);
  if (!listen.isDefault) return;
  if (address.hasDefault) throw new ConfError(`a duplicate default server for ${text}`, listen.position);
  address.hasDefault = true;
  address.defaultServer = entry;
}

/** Options count from where they are given; ssl and proxy_protocol from anywhere. */
function combine(a: HttpListen, b: HttpListen): HttpListen {
  const leading = b.isSet ? b : a;
  const options = {
    ...leading.options,
    ssl: a.options.ssl || b.options.ssl,
    proxyProtocol: a.options.proxyProtocol || b.options.proxyProtocol,
  };
  return { ...leading, isSet: a.isSet || b.isSet, options };
}

const shown = (name: ServerName): ByteString =>
  name.kind === 'suffix' ? `*${name.text}` : name.kind === 'prefix' ? `${name.text}*` : name.text;
