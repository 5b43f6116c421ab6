// Chooses the server of a Host header among those of one address.
import type { ByteString } from '../../conf/directive.ts';
import { HostNames, type HostPattern } from '../../script/host-names.ts';
import { asHttpFault, HttpFault } from '../request/fault.ts';
import type { HttpRegex } from '../script/script.ts';

export type ServerName =
  | HostPattern
  | { readonly kind: 'regex'; readonly text: ByteString; readonly regex: HttpRegex }
  /** No host has it; it is an error only where a server has to be chosen by its name. */
  | { readonly kind: 'invalid'; readonly text: ByteString };

export interface NamedServer<S> {
  readonly server: S;
  readonly regex: HttpRegex | undefined;
}

export class ServerNames<S> {
  readonly #names = new HostNames<NamedServer<S>>();
  readonly #regexes: { readonly regex: HttpRegex; readonly server: S }[] = [];

  /** @returns false: another server has the name already */
  add(name: ServerName, server: S): boolean {
    if (name.kind === 'invalid') return true;
    if (name.kind !== 'regex') return this.#names.add(name, { server, regex: undefined });
    this.#regexes.push({ regex: name.regex, server });
    return true;
  }

  /** @param host lower case, without port and final dot; empty: the client has named none */
  find(host: ByteString): NamedServer<S> | undefined {
    const named = this.#names.find(host);
    if (named !== undefined || host === '') return named;
    return this.#regexes.find(({ regex }) => regex.exec(host) !== undefined);
  }
}

/** @returns a fault where a regular expression takes too long */
export function findServer<S>(names: ServerNames<S>, host: ByteString): NamedServer<S> | HttpFault | undefined {
  try {
    return names.find(host);
  } catch (error) {
    const fault = asHttpFault(error);
    if (fault instanceof HttpFault) return fault;
    throw error;
  }
}
