// The addresses that http servers listen on: each with its options, its servers by name, and its default one.
import { type ByteString, ConfError } from '../conf/directive.ts';
import type { Store } from '../conf/store.ts';
import { formatAddress } from '../core/address.ts';
import type { Listen } from '../net/listen/options.ts';
import { type ServerName, ServerNames } from './server-names.ts';

export interface HttpListen extends Listen {
  readonly isDefault: boolean;
  /** Options of the socket were given: only one listen of an address may have them. */
  readonly isSet: boolean;
}

export interface ServerEntry {
  readonly store: Store;
  readonly names: readonly ServerName[];
  /** The first name, for `$server_name` and the log. */
  readonly name: ByteString;
}

export interface HttpAddress {
  readonly listen: HttpListen;
  readonly text: ByteString;
  readonly names: ServerNames<ServerEntry>;
  readonly defaultServer: ServerEntry;
}

interface Growing {
  listen: HttpListen;
  readonly names: ServerNames<ServerEntry>;
  readonly servers: Set<ServerEntry>;
  defaultServer: ServerEntry;
  hasDefault: boolean;
}

/** @throws ConfError */
export function collectAddresses(
  servers: readonly { readonly entry: ServerEntry; readonly listens: readonly HttpListen[] }[],
  warn: (text: ByteString) => void,
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
  for (const [text, address] of all) {
    for (const entry of address.servers) {
      for (const name of entry.names) {
        if (!address.names.add(name, entry)) warn(`conflicting server name "${shown(name)}" on ${text}, ignored`);
      }
    }
  }
  return [...all].map(([text, { listen, names, defaultServer }]) => ({ listen, text, names, defaultServer }));
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
