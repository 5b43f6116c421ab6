// Datagrams over a unix socket by the optional package unix-dgram; Node.js itself has no such sockets.
import type { ByteString } from '../../conf/directive.ts';
import { systemError } from '../errno.ts';
import type { DatagramClient, DatagramFailed } from './datagram.ts';

const EIO = 5;

/** What we use of a socket of unix-dgram. It reports everything at once, within the call. */
export interface UnixDatagramSocket {
  on(event: 'error', listener: (error: Error) => void): unknown;
  connect(path: string): void;
  send(datagram: Buffer, done: (error?: Error) => void): void;
  close(): void;
}

export interface UnixDatagramPackage {
  createSocket(type: 'unix_dgram'): UnixDatagramSocket;
}

/** Loads the package; undefined where it is not installed or does not run here. */
export function loadUnixDatagram(): UnixDatagramPackage | undefined {
  try {
    const loaded: unknown = process.getBuiltinModule('node:module').createRequire(import.meta.url)('unix-dgram');
    return isPackage(loaded) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

function isPackage(loaded: unknown): loaded is UnixDatagramPackage {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'createSocket' in loaded &&
    typeof loaded.createSocket === 'function'
  );
}

export class UnixClient implements DatagramClient {
  readonly #path: string;
  readonly #package: UnixDatagramPackage;
  #socket: UnixDatagramSocket | undefined;
  #closed = false;

  constructor(path: ByteString, unixDatagram: UnixDatagramPackage) {
    this.#path = Buffer.from(path, 'latin1').toString();
    this.#package = unixDatagram;
  }

  send(datagram: Buffer, failed: DatagramFailed): void {
    if (this.#closed) return;
    const socket = this.#socket ?? this.#connect(failed);
    socket?.send(datagram, (error) => {
      // A full queue ("congestion", no errno) loses the datagram and nothing else.
      const errno = systemError(error)?.errno;
      if (errno === undefined) return;
      this.#drop();
      failed('send()', errno);
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #connect(failed: DatagramFailed): UnixDatagramSocket | undefined {
    let refused: Error | undefined;
    try {
      const socket = this.#package.createSocket('unix_dgram');
      this.#socket = socket;
      socket.on('error', (error) => {
        refused = error;
      });
      socket.connect(this.#path);
    } catch (error) {
      refused = error instanceof Error ? error : new Error('unix-dgram failed');
    }
    if (refused === undefined) return this.#socket;
    this.#drop();
    failed('connect()', systemError(refused)?.errno ?? EIO);
    return undefined;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    try {
      socket?.close();
    } catch {}
  }
}
