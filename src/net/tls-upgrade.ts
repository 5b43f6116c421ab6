// Starts TLS on an accepted connection: implicit, or after STARTTLS.

/** What is known of an established TLS session. */
export interface TlsInfo {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** SNI as the client sent it. */
  readonly servername: string | undefined;
  readonly alpn: string | undefined;
  readonly resumed: boolean;
  /** OpenSSL's verify result; code 0 also where there is no certificate. */
  readonly verify: { readonly code: number; readonly text: string };
  /** The client's certificate, DER. */
  readonly peerCertificate: Buffer | undefined;
}
