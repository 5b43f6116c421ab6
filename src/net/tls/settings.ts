// The merged ssl_* values of one server, as the ssl modules hand them over; nothing is loaded or checked yet.
import type { ByteString, Position } from '../../conf/directive.ts';

export type TlsProtocolName = 'SSLv2' | 'SSLv3' | 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
export type VerifyMode = 'off' | 'on' | 'optional' | 'optional_no_ca';

/** `off`: sessions are not reusable. `none`: reusable, nothing is stored (tickets go on working). */
export type SessionCache =
  | { readonly kind: 'off' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'cache';
      /** Sessions that this process keeps. */
      readonly builtin: number | undefined;
      /** A zone that servers of the same name share; its size in bytes. */
      readonly shared: { readonly name: ByteString; readonly bytes: number } | undefined;
    };

/** For messages: which directive asked for TLS, and where. */
export interface TlsNeed {
  readonly directive: 'listen ... ssl' | 'starttls';
  readonly position: Position;
}

/** File names are as written: relative ones are taken from the directory of the main configuration file. */
export interface TlsSettings {
  /** undefined: there are certificates, and it does not matter whether anything asks for TLS. */
  readonly need: TlsNeed | undefined;
  /** The end of the configuration block; errors of ticket keys carry it. */
  readonly blockEnd: Position;
  /** File names, or `data:PEM`. */
  readonly certificates: readonly ByteString[];
  /** Paired with the certificates by order: file names, `data:PEM`, `engine:…` or `store:…`. */
  readonly keys: readonly ByteString[];
  /** The lines of ssl_password_file, tried in turn; undefined where there is none. */
  readonly passphrases: readonly Buffer[] | undefined;
  readonly protocols: ReadonlySet<TlsProtocolName>;
  /** OpenSSL's cipher list for TLS up to 1.2. */
  readonly ciphers: ByteString;
  readonly preferServerCiphers: boolean;
  /** Empty or undefined: none. */
  readonly dhparam: ByteString | undefined;
  /** `auto`: the library's own choice. */
  readonly ecdhCurve: ByteString;
  readonly verifyClient: VerifyMode;
  readonly verifyDepth: number;
  /** CAs that are announced to the client; empty or undefined: none. The same for the next two. */
  readonly clientCertificate: ByteString | undefined;
  readonly trustedCertificate: ByteString | undefined;
  readonly crl: ByteString | undefined;
  readonly sessionCache: SessionCache;
  readonly sessionTimeoutS: number;
  readonly sessionTickets: boolean;
  readonly sessionTicketKeys: readonly ByteString[];
  readonly confCommands: readonly {
    readonly name: ByteString;
    readonly value: ByteString;
  }[];
}
