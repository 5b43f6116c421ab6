// What a handshake with a server is given, and how it ends.
import type { ByteString } from '../../conf/directive.ts';
import type { ClientTls } from './client-context.ts';
import type { TlsEnd } from './established.ts';

/** The server of a handshake. */
export interface TlsPeer {
  readonly tls: ClientTls;
  /** Whom its certificate has to name, where it is verified. */
  readonly name: ByteString;
  /** Tells the server that name (SNI). */
  readonly sendsName: boolean;
  /** Protocols that are offered by ALPN; none: no ALPN. */
  readonly alpn: readonly string[];
  /** Where it is, as text: a session is resumed with the same server only, and only under the same name. */
  readonly target: ByteString;
}

/** Except for `secure` the connection is closed already. */
export type ClientTlsOutcome =
  | { readonly kind: 'secure'; readonly end: TlsEnd }
  /** The server is not the one that is wanted; why, for the log. */
  | { readonly kind: 'refused'; readonly log: ByteString }
  /** `error` undefined: the peer has closed. `begun` false: it never stood. */
  | { readonly kind: 'failed'; readonly error: Error | undefined; readonly begun: boolean }
  /** The deadline that the caller had armed passed. */
  | { readonly kind: 'timeout'; readonly begun: boolean };

export type ClientTlsDone = (outcome: ClientTlsOutcome) => void;
