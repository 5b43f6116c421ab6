// Where the backend of a login is: an address, or what has to be chosen or looked up first.
import { type ByteString, Fault } from '../../conf/directive.ts';
import { inetAddress, parseUrl, type SocketAddress } from '../../core/address.ts';
import { parseIp } from '../../core/ip.ts';
import type { Session } from '../session/session.ts';
import type { MailGroup } from '../upstream/context.ts';
import type { BackendConf } from './module.ts';

export type BackendPlace =
  /** `port`: of servers that name none. */
  | { readonly kind: 'group'; readonly group: MailGroup; readonly port: number }
  | { readonly kind: 'address'; readonly address: SocketAddress }
  /** To be looked up. */
  | { readonly kind: 'name'; readonly host: ByteString; readonly port: number }
  /** There is none; why is for the log. */
  | { readonly kind: 'nowhere'; readonly why: ByteString };

/** What a server knows of places. */
export interface PlaceOptions {
  readonly pass: BackendConf['pass'];
  /** Finds the group of an upstream block. */
  readonly find: (name: ByteString) => MailGroup | undefined;
  /** Names can be looked up. */
  readonly resolves: boolean;
  /** That of the protocol. */
  readonly port: number;
}

const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?$/;
const UNIX = /^unix:/i;

export class Places {
  readonly #options: PlaceOptions;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  /**
   * What an auth server means by a name, which is no IP address.
   * @param server empty: it has named none
   * @param port undefined: it has named none
   * @returns undefined: it means nothing
   */
  named(server: ByteString, port: number | undefined, session: Session): BackendPlace | undefined {
    const { find, resolves } = this.#options;
    if (server === '') return this.passed(session, port);
    const group = find(server);
    if (group !== undefined) return { kind: 'group', group, port: port ?? this.#options.port };
    if (UNIX.test(server)) return unixPlace(server);
    if (!resolves || port === undefined || !HOST.test(server)) return undefined;
    return { kind: 'name', host: server, port };
  }

  /** What proxy_pass names. @param port where it names none @returns undefined: there is no proxy_pass */
  passed(session: Session, port = this.#options.port): BackendPlace | undefined {
    const { pass } = this.#options;
    if (pass === undefined) return undefined;
    return 'group' in pass ? { kind: 'group', group: pass.group, port } : this.#variable(pass.of(session), port);
  }

  #variable(text: ByteString, port: number): BackendPlace {
    const { find, resolves } = this.#options;
    const url = parseUrl(text, { defaultPort: port, resolve: () => ['0.0.0.0'] });
    if (url instanceof Fault) return { kind: 'nowhere', why: `${url.text} in upstream "${text}"` };
    const group = url.noPort ? find(url.host) : undefined;
    if (group !== undefined) return { kind: 'group', group, port };
    const [address] = url.addresses;
    if (address.kind === 'unix') {
      // The system would end the path there.
      return address.path.includes('\0') ? noPlace(text) : { kind: 'address', address };
    }
    const bytes = parseIp(url.host.replace(/^\[|\]$/g, ''));
    if (bytes !== undefined) return { kind: 'address', address: inetAddress(bytes, url.port) };
    if (!HOST.test(url.host)) return noPlace(text);
    if (!resolves) return { kind: 'nowhere', why: `no resolver defined to resolve ${url.host}` };
    return { kind: 'name', host: url.host, port: url.port };
  }
}

const noPlace = (text: ByteString): BackendPlace => ({ kind: 'nowhere', why: `invalid host in upstream "${text}"` });

function unixPlace(text: ByteString): BackendPlace | undefined {
  if (text.includes('\0')) return undefined;
  const url = parseUrl(text, { defaultPort: 0, resolve: () => [] });
  return url instanceof Fault ? undefined : { kind: 'address', address: url.addresses[0] };
}

/** A server that names no port has that of the place. */
export function withPort(address: SocketAddress, port: number): SocketAddress {
  return address.kind === 'inet' && address.port === 0 ? { ...address, port } : address;
}
