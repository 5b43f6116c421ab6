// What the TLS of Node.js 20 to 24 has and its types do not tell. Only src/net uses it; a test exercises each member.
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';

/** The answer to a request for ticket keys. A missing or short buffer aborts the process: always give all of them. */
export type TicketKeyAnswer = readonly [
  /** 0: no such key, make a full handshake. 1: go on. 2 (decrypting): go on, and send a new ticket. */
  verdict: 0 | 1 | 2,
  hmacKey: Buffer,
  /** 16 bytes: the cipher is AES-128-CBC. */
  aesKey: Buffer,
  /** 16 bytes each; only asked for when encrypting. */
  name: Buffer,
  iv: Buffer,
];

/** `SecureContext.context`: a thin cover of SSL_CTX. Its methods throw OpenSSL's errors. */
export interface NativeSecureContext {
  /** Adds SSL_OP_* bits; none can be taken away. */
  setOptions(bits: number): void;
  setCiphers(list: string): void;
  setCipherSuites(list: string): void;
  setSigalgs(list: string): void;
  setECDHCurve(list: string): void;
  /** Certificate and chain. */
  setCert(pem: Buffer): void;
  setKey(pem: Buffer, passphrase?: string): void;
  /** Trusts every certificate in the PEM text, and announces its name to clients. Skips what it cannot read. */
  addCACert(pem: Buffer): void;
  /** Trusts what Node.js brings along. */
  addRootCerts(): void;
  /** The first CRL of the PEM text. */
  addCRL(pem: Buffer): void;
  /** Returns a warning about weak parameters. Skips what it cannot read. */
  setDHParam(pem: Buffer): string | undefined;
  /** Up to 32 bytes. */
  setSessionIdContext(text: string): void;
  setSessionTimeout(seconds: number): void;
  /** From here on `onticketkeycallback` is asked for the key of every ticket. */
  enableTicketKeyCallback(): void;
  onticketkeycallback: (name: Buffer, iv: Buffer, encrypting: boolean) => TicketKeyAnswer;
}

/** `TLSSocket._handle`. */
export interface TlsHandle {
  /** The verify result of the peer's certificate, OpenSSL's text for message; null where it is good. */
  verifyError(): Error | null;
}

/** Options of the TLSSocket constructor for the server's side. */
export interface ServerSideOptions {
  readonly isServer: true;
  readonly secureContext: SecureContext;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: false;
  readonly ALPNProtocols: readonly string[];
  /** An EventEmitter: its `newSession` and `resumeSession` listeners are used. */
  readonly server: NodeJS.EventEmitter | undefined;
}

/** Besides a net.Socket the constructor takes every Duplex. */
export type ServerSideArguments = readonly [stream: Duplex, options: ServerSideOptions];

declare module 'tls' {
  interface TLSSocket {
    /** null once the socket is destroyed. */
    readonly _handle: TlsHandle | null;
  }
}
