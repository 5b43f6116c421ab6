// The undocumented parts of Node.js 20 to 26 that a connection without streams is made of. Used in this folder only.
import type { DetailedPeerCertificate } from 'node:tls';
import type { SessionKeeper } from '../tls/client-sessions.ts';
import type { NativeSecureContext } from '../tls/node-internals.d.ts';

/** What the calls of a handle leave behind, by the numbers in the binding. */
export type StreamState = Int32Array;

/** A write, a shutdown or a connect on its way. One that is on its way, or in `oncomplete`, must not be used again. */
export interface NativeRequest {
  /** @param status 0 or a negative errno */
  oncomplete: (this: NativeRequest, status: number) => void;
  /** What must not be collected or changed before the request is complete. */
  kept?: unknown;
  /** Ours: whom it is for. */
  owner?: RequestOwner | undefined;
}

export interface RequestOwner {
  written(status: number): void;
  shut(status: number): void;
  connected(status: number): void;
}

/** Whom a handle tells; ours, put on it. */
export interface HandleOwner {
  /**
   * @param count bytes that are in the buffer now; a negative errno otherwise
   * @returns the buffer for the next bytes; undefined: the same
   */
  received(count: number): Buffer | undefined;
  handleClosed(): void;
  fail(error: Error): void;
}

/** StreamBase: TCP, Pipe or TLSWrap. All calls return 0 or a negative errno. */
export interface StreamHandle {
  /** Has to be a function at any time, or the process aborts. */
  onread: (this: StreamHandle) => Buffer | undefined;
  owner?: HandleOwner | undefined;
  readStart(): number;
  readStop(): number;
  /** At most once. The handle keeps no reference to it: it must outlive the handle, or its replacement. */
  useUserBuffer(buffer: Buffer): void;
  writeBuffer(request: NativeRequest, data: Buffer): number;
  /** @param allBuffers true: `chunks` are all buffers */
  writev(request: NativeRequest, chunks: readonly Buffer[], allBuffers: true): number;
  shutdown(request: NativeRequest): number;
}

export interface NativeName {
  address?: string;
  port?: number;
}

/** TCP or Pipe. */
export interface SocketHandle extends StreamHandle {
  /** Bytes that the system has not taken yet. */
  readonly writeQueueSize: number;
  /** The descriptor is closed at once, the handle later. */
  close(done?: (this: SocketHandle) => void): void;
  /** Ours: keeps it alive. A TLSWrap without a reference aborts the process. */
  tls?: TlsWrap | undefined;
}

export interface PipeHandle extends SocketHandle {
  /** Before Node.js 22 nothing is returned. */
  connect(request: NativeRequest, path: string): number | undefined;
}

export interface TcpHandle extends SocketHandle {
  connect(request: NativeRequest, address: string, port: number): number;
  connect6(request: NativeRequest, address: string, port: number): number;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  listen(backlog: number): number;
  getpeername(out: NativeName): number;
  getsockname(out: NativeName): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, seconds: number): number;
  onconnection: (status: number, connection: SocketHandle) => void;
}

export interface ClientHelloFacts {
  readonly sessionId: Buffer;
  readonly tlsTicket: boolean;
}

/** Whom a TLSWrap tells of its first handshake; ours, put on it. */
export interface HandshakeOwner {
  handshakeDone(wrap: TlsWrap): void;
  clientHello(wrap: TlsWrap, hello: ClientHelloFacts): void;
  newSession(wrap: TlsWrap, id: Buffer, session: Buffer): void;
}

/** Whom a TLSWrap tells of its handshake as a client; ours. */
export interface ClientHandshakeOwner {
  handshakeDone(wrap: TlsWrap): void;
}

/** TLS over another handle, which it reads and writes. Closing is the other handle's matter. */
export interface TlsWrap extends StreamHandle {
  /** Ours: undefined when the handshake is over. */
  handshake?: HandshakeOwner | undefined;
  /** Ours: of a client. */
  client?: ClientHandshakeOwner | undefined;
  /** Ours, of a client: takes its sessions, which in TLS 1.3 come behind the handshake. */
  keeper?: SessionKeeper | undefined;
  onhandshakestart: (this: TlsWrap, now: number) => void;
  /** Ours: how many handshakes there were after the first, and since when. */
  again?: { readonly sinceMs: number; readonly count: number };
  onhandshakedone: (this: TlsWrap) => void;
  /** Only with session callbacks, and before anything else; the handshake waits for `clientHelloDone`. */
  onclienthello: (this: TlsWrap, hello: ClientHelloFacts) => void;
  /** Only with session callbacks; the handshake of a server waits for `newSessionDone`, that of a client does not. */
  onnewsession: (this: TlsWrap, id: Buffer, session: Buffer) => void;
  onerror: (this: TlsWrap, error: Error) => void;
  setVerifyMode(requestCertificate: boolean, rejectUnauthorized: boolean): void;
  /** In the form of the wire. */
  setALPNProtocols(protocols: Buffer): void;
  enableSessionCallbacks(): void;
  /** Of a client: sends the ClientHello. At most once, or the process aborts. */
  start(): void;
  /** Of a client, before `start`, or the process aborts. */
  setServername(name: string): void;
  /** Of a client: the session to resume. */
  setSession(session: Buffer): void;
  loadSession(session: Buffer | null): void;
  newSessionDone(): void;
  /** Node.js 26. */
  clientHelloDone?(): void;
  /** Before that. */
  endParser?(): void;
  /** Bytes that were read from the other handle already. They are copied. */
  receive(bytes: Buffer): void;
  /** Frees what it has. Not from inside one of its own events. */
  destroySSL(): void;
  getProtocol(): string | null;
  getCipher(): { readonly name: string };
  getServername(): string | false | null;
  getALPNNegotiatedProtocol(): string | false | null;
  isSessionReused(): boolean;
  getPeerCertificate(detailed: boolean): DetailedPeerCertificate | undefined;
  getCertificate(): { readonly raw?: Buffer } | undefined;
  getSession(): Buffer | undefined;
  verifyError(): Error | null;
}

export interface StreamBinding {
  readonly streamBaseState: StreamState;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
  readonly WriteWrap: new () => NativeRequest;
  readonly ShutdownWrap: new () => NativeRequest;
}

export interface TcpBinding {
  readonly TCP: new (type: number) => TcpHandle;
  readonly TCPConnectWrap: new () => NativeRequest;
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
}

export interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly PipeConnectWrap: new () => NativeRequest;
  readonly constants: { readonly SOCKET: number };
}

export interface TlsBinding {
  readonly TLSWrap: { readonly prototype: TlsWrap };
  wrap(handle: SocketHandle, context: NativeSecureContext, isServer: boolean, hasWrites: boolean): TlsWrap;
}

declare global {
  namespace NodeJS {
    interface Process {
      binding(name: 'stream_wrap'): StreamBinding;
      binding(name: 'tcp_wrap'): TcpBinding;
      binding(name: 'pipe_wrap'): PipeBinding;
      binding(name: 'tls_wrap'): TlsBinding;
    }
  }
}
