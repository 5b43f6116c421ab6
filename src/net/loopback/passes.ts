// The addresses of mail that take connections of clients which another module of this process has accepted.
import { type ByteString, ConfError, type Position } from '../../conf/directive.ts';
import { defineCoreModule } from '../../module/core-module.ts';
import type { Connection, ConnHandler } from '../connection.ts';
import type { Endpoint } from '../endpoint.ts';
import type { TlsInfo } from '../tls/established.ts';

/** What is known of a client that comes by another module. */
export interface PassedClient {
  readonly client: Endpoint | undefined;
  readonly local: Endpoint | undefined;
  /** Of what the client speaks: it counts as the TLS of its session. */
  readonly tls: TlsInfo | undefined;
}

/**
 * `tls`: the server wants TLS, or a certificate, that the client has not. `closing`: it takes no more sessions.
 * `full`: worker_connections are not enough.
 */
export type PassRefusal = 'tls' | 'closing' | 'full';

export interface PassTarget {
  /** @param handler of the near end, which is the client's: what is written there the server reads */
  pass(handler: ConnHandler, from: PassedClient): Connection | PassRefusal;
}

interface Passes {
  /** Addresses as their `listen` writes them, and what they are. */
  readonly offered: Map<ByteString, ByteString>;
  readonly wanted: { readonly written: ByteString; readonly position: Position }[];
}

/** Which block comes first does not matter: what is wanted is looked for when all has been read. */
export const passesModule = defineCoreModule<Passes, ReadonlyMap<ByteString, ByteString>>({
  name: 'passes',
  directives: [],
  createConf: () => ({ offered: new Map(), wanted: [] }),
  initConf: ({ offered, wanted }) => {
    for (const { written, position } of wanted) {
      if (!offered.has(written)) throw new ConfError(`no mail server has "listen ${written}"`, position);
    }
    return offered;
  },
});
