// What this Node.js has of the handles: taken once at start, and looked at before anything is built on it.
import { Deadlines } from '../deadlines.ts';
import type {
  NativeRequest,
  PipeBinding,
  SocketHandle,
  StreamBinding,
  StreamHandle,
  StreamState,
  TcpBinding,
  TcpHandle,
  TlsBinding,
} from './node-handles.d.ts';
import { ProtocolNames } from './protocol-names.ts';
import { ReadBuffers } from './read-buffers.ts';

const STREAM = ['readStart', 'readStop', 'useUserBuffer', 'writeBuffer', 'writev', 'shutdown', 'close'] as const;
const TCP = [
  'connect',
  'connect6',
  'bind',
  'bind6',
  'listen',
  'getpeername',
  'getsockname',
  'setNoDelay',
  'setKeepAlive',
] as const;
const TLS = [
  'readStart',
  'readStop',
  'useUserBuffer',
  'writeBuffer',
  'writev',
  'shutdown',
  'setVerifyMode',
  'setALPNProtocols',
  'enableSessionCallbacks',
  'loadSession',
  'newSessionDone',
  'start',
  'setServername',
  'setSession',
  'receive',
  'destroySSL',
  'getProtocol',
  'getCipher',
  'getServername',
  'getALPNNegotiatedProtocol',
  'isSessionReused',
  'getPeerCertificate',
  'getCertificate',
  'getSession',
  'verifyError',
] as const;
const STATE = ['kReadBytesOrError', 'kLastWriteWasAsync'] as const;

export interface Bindings {
  readonly stream: StreamBinding;
  readonly tcp: TcpBinding;
  readonly pipe: PipeBinding;
  readonly tls: TlsBinding;
}

/** The bindings, or what is wrong with them. */
export function takeBindings(): Bindings | string {
  try {
    // Without `process.binding`, or with one that gives nothing, this throws.
    const bindings: Bindings = {
      stream: process.binding('stream_wrap'),
      tcp: process.binding('tcp_wrap'),
      pipe: process.binding('pipe_wrap'),
      tls: process.binding('tls_wrap'),
    };
    return faultOf(bindings) ?? bindings;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether everything is there that is used, and is what it was; the first thing that is not. */
export function faultOf({ stream, tcp, pipe, tls }: Bindings): string | undefined {
  const { streamBaseState: state } = stream;
  const wrong = [
    ...(state instanceof Int32Array ? [] : ['streamBaseState']),
    ...STATE.filter((name) => !(Number.isInteger(stream[name]) && stream[name] < state.length)),
    ...missing(tcp.TCP.prototype, [...STREAM, ...TCP], 'TCP'),
    ...missing(pipe.Pipe.prototype, [...STREAM, 'connect'], 'Pipe'),
    ...missing(tls.TLSWrap.prototype, TLS, 'TLSWrap'),
    ...missing(stream, ['WriteWrap', 'ShutdownWrap'], 'stream_wrap'),
    ...missing(tcp, ['TCPConnectWrap'], 'tcp_wrap'),
    ...missing(pipe, ['PipeConnectWrap'], 'pipe_wrap'),
    ...missing(tls, ['wrap'], 'tls_wrap'),
    ...(hasOne(tls.TLSWrap.prototype, ['clientHelloDone', 'endParser']) ? [] : ['TLSWrap.clientHelloDone']),
    ...([tcp.constants.SOCKET, tcp.constants.SERVER, pipe.constants.SOCKET].every(Number.isInteger)
      ? []
      : ['constants']),
  ];
  return wrong.length === 0 ? undefined : `this Node.js has another ${wrong[0]}`;
}

function missing(holder: object, names: readonly string[], what: string): string[] {
  return names.filter((name) => !hasOne(holder, [name])).map((name) => `${what}.${name}`);
}

const hasOne = (holder: object, names: readonly string[]): boolean =>
  names.some((name) => typeof Reflect.get(holder, name) === 'function');

/** What the connections of a process share: the bindings, and requests to use again. */
export class Native {
  readonly bindings: Bindings;
  readonly #state: StreamState;
  readonly #async: number;
  #spare: NativeRequest | undefined;
  /** The `onread` of every handle. */
  readonly onread: StreamHandle['onread'];
  readonly buffers = new ReadBuffers();
  readonly deadlines = new Deadlines();
  readonly protocols = new ProtocolNames();

  constructor(bindings: Bindings) {
    this.bindings = bindings;
    const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = bindings.stream;
    this.#state = streamBaseState;
    this.#async = kLastWriteWasAsync;
    this.onread = function (): Buffer | undefined {
      return this.owner?.received(streamBaseState[kReadBytesOrError] ?? 0);
    };
  }

  /** After a write that succeeded: the system has not taken all of it yet. */
  get isAsync(): boolean {
    return this.#state[this.#async] !== 0;
  }

  /** For one write; to be given back where that was complete at once. */
  takeWrite(): NativeRequest {
    const request = this.#spare;
    if (request !== undefined) {
      this.#spare = undefined;
      return request;
    }
    const fresh = new this.bindings.stream.WriteWrap();
    fresh.oncomplete = onWritten;
    return fresh;
  }

  giveWrite(request: NativeRequest): void {
    this.#spare = request;
  }

  shutdown(): NativeRequest {
    const request = new this.bindings.stream.ShutdownWrap();
    request.oncomplete = onShut;
    return request;
  }

  connect(kind: 'tcp' | 'pipe'): NativeRequest {
    const { tcp, pipe } = this.bindings;
    const request = kind === 'tcp' ? new tcp.TCPConnectWrap() : new pipe.PipeConnectWrap();
    request.oncomplete = onConnected;
    return request;
  }
}

// One function each for all handles and requests: a session brings no closures along.

function onWritten(this: NativeRequest, status: number): void {
  this.kept = undefined;
  this.owner?.written(status);
}

function onShut(this: NativeRequest, status: number): void {
  this.owner?.shut(status);
}

function onConnected(this: NativeRequest, status: number): void {
  this.owner?.connected(status);
}

export function onHandleClosed(this: SocketHandle): void {
  this.owner?.handleClosed();
}

/** A Pipe has no names, and nothing of TCP. */
export const isTcp = (socket: SocketHandle): socket is TcpHandle => 'getpeername' in socket;
