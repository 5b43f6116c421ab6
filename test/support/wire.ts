// One end of a stream connection with waiting reads: the line client of the tests, and what fake servers talk through.
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket, type TlsOptions } from 'node:tls';
import { latin1, show } from './bytes.ts';
import { event, inTime, PATIENCE_MS } from './in-time.ts';

/** How the peer ended: not yet, in order, or by a reset or TLS error. */
export type Ending = 'open' | 'fin' | 'reset';

/** A wait that came to nothing: the deadline passed or the connection ended first. Tells what had arrived. */
export class WireError extends Error {
  override name = 'WireError';
}

/** How long a peer may leave unread what it is sent, in milliseconds. */
const SEND_MS = 60_000;

export interface WireOptions {
  /** Keep a copy of every byte received (default true). */
  readonly record?: boolean;
}

export class Wire {
  readonly #record: boolean;
  #io: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #received: Buffer[] = [];
  #count = 0;
  #ending: Ending = 'open';
  #waiting: (() => void)[] = [];
  #onChunk: ((chunk: Buffer) => void) | undefined;
  #stopListening: () => void = () => {};
  #skips = false;
  /** Underneath the TLS that a server has put over it. */
  #plain: Socket | undefined;

  constructor(io: Socket, options: WireOptions = {}) {
    this.#record = options.record !== false;
    this.#io = io;
    io.setNoDelay(true);
    this.#listen(io);
  }

  /** Every byte received so far; after `startTls` also the decrypted ones. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** How many bytes arrived, recorded or not. */
  get receivedBytes(): number {
    return this.#count;
  }

  get ending(): Ending {
    return this.#ending;
  }

  /** The own port of a TCP connection. */
  get remoteAddress(): string | undefined {
    return this.#io.remoteAddress;
  }

  get localPort(): number {
    return this.#io.localPort ?? 0;
  }

  get socket(): Socket {
    return this.#io;
  }

  /** Calls back on each chunk and, with an empty one, at the end. */
  onChunk(listener: (chunk: Buffer) => void): void {
    this.#onChunk = listener;
  }

  /** Sends bytes (a string has one byte per character); resolves when the system took them or the peer is gone. */
  send(bytes: string | Buffer): Promise<void> {
    if (this.#skips) {
      this.#skips = false;
      return Promise.resolve();
    }
    const chunk = typeof bytes === 'string' ? latin1(bytes) : bytes;
    const taken = new Promise<void>((resolve) => {
      if (this.#io.destroyed || chunk.length === 0) resolve();
      else this.#io.write(chunk, () => resolve());
    });
    return inTime(taken, `the peer to take ${chunk.length} bytes`, SEND_MS);
  }

  /** The next line, its end included. */
  async line(ms?: number): Promise<string> {
    return this.#until(
      () => {
        const end = this.#pending.indexOf(10);
        return end < 0 ? undefined : this.#take(end + 1).toString('latin1');
      },
      'a line',
      ms,
    );
  }

  /** Reads a line and fails unless it is the expected text, or matches. @returns the line */
  async expectLine(expected: string | RegExp, ms?: number): Promise<string> {
    const line = await this.line(ms);
    const good = typeof expected === 'string' ? line === expected : expected.test(line);
    if (!good)
      throw new WireError(`expected ${typeof expected === 'string' ? show(expected) : expected}, got ${show(line)}`);
    return line;
  }

  /** Reads exactly as many bytes as expected and fails unless they are those. */
  async expectBytes(expected: string | Buffer, ms?: number): Promise<void> {
    const wanted = typeof expected === 'string' ? latin1(expected) : expected;
    const got = await this.bytes(wanted.length, ms);
    if (!got.equals(wanted)) throw new WireError(`expected ${show(wanted)}, got ${show(got)}`);
  }

  async bytes(count: number, ms?: number): Promise<Buffer> {
    return this.#until(() => (this.#pending.length < count ? undefined : this.#take(count)), `${count} bytes`, ms);
  }

  /** Reads through the end of the first match in what has arrived. */
  async match(pattern: RegExp, ms?: number): Promise<RegExpExecArray> {
    return this.#until(
      () => {
        const found = pattern.exec(this.#pending.toString('latin1'));
        if (found === null) return undefined;
        this.#take(found.index + found[0].length);
        return found;
      },
      String(pattern),
      ms,
    );
  }

  /** Everything until the peer closes. */
  async rest(ms?: number): Promise<Buffer> {
    await this.closed(ms);
    return this.#take(this.#pending.length);
  }

  /** Resolves when the peer has closed, whatever arrived before. */
  async closed(ms = PATIENCE_MS): Promise<Ending> {
    const deadline = Date.now() + ms;
    while (this.#ending === 'open') await this.#event(deadline, 'the end of the connection');
    return this.#ending;
  }

  /** Goes on as a TLS client; what was received before stays readable first. */
  async startTls(options: ConnectionOptions = {}): Promise<TLSSocket> {
    this.#stopListening();
    const secure = connectTls({ rejectUnauthorized: false, ...options, socket: this.#io });
    await handshake(secure);
    this.#io = secure;
    this.#listen(secure);
    return secure;
  }

  /** Goes on as a TLS server. What was received and not taken begins the handshake. */
  async acceptTls(options: TlsOptions): Promise<TLSSocket> {
    this.#stopListening();
    const early = this.#take(this.#pending.length);
    this.forget(early.length);
    this.#io.pause();
    if (early.length > 0) this.#io.unshift(early);
    const secure = new TLSSocket(this.#io, { ...options, isServer: true });
    await handshake(secure, 'secure').catch((error: unknown) => {
      this.#finish('reset'); // nobody listens for its end any more
      throw error;
    });
    this.#plain = this.#io;
    this.#io = secure;
    this.#listen(secure);
    return secure;
  }

  /** The last bytes that were received are no part of it any more. */
  forget(count: number): void {
    const all = this.received;
    this.#received = [all.subarray(0, all.length - count)];
  }

  /** To be taken again. */
  putBack(text: string): void {
    this.#pending = Buffer.concat([latin1(text), this.#pending]);
  }

  /** The next text is not sent. */
  skipSend(): void {
    this.#skips = true;
  }

  /** Closes the sending side. */
  end(): void {
    this.#io.end();
  }

  /** Ends by a TCP reset. */
  reset(): void {
    (this.#plain ?? this.#io).resetAndDestroy();
  }

  destroy(): void {
    this.#io.destroy();
  }

  #listen(io: Socket): void {
    const read = (chunk: Buffer): void => {
      this.#count += chunk.length;
      if (this.#record) this.#received.push(chunk);
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      this.#notify(chunk);
    };
    const end = (): void => this.#finish('fin');
    io.on('data', read);
    io.on('end', end);
    io.on('close', end);
    io.on('error', () => this.#finish('reset'));
    this.#stopListening = () => io.off('data', read).off('end', end).off('close', end);
  }

  #finish(how: Ending): void {
    if (this.#ending !== 'open') return;
    this.#ending = how;
    this.#notify(Buffer.alloc(0));
  }

  #notify(chunk: Buffer): void {
    this.#onChunk?.(chunk);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #take(count: number): Buffer {
    const head = this.#pending.subarray(0, count);
    this.#pending = this.#pending.subarray(count);
    return head;
  }

  async #until<T>(look: () => T | undefined, what: string, ms = PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + ms;
    for (;;) {
      const value = look();
      if (value !== undefined) return value;
      if (this.#ending !== 'open')
        throw new WireError(`the peer closed before ${what}; unread: ${show(this.#pending)}`);
      await this.#event(deadline, what);
    }
  }

  /** Resolves at the next chunk or the end. */
  #event(deadline: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const expired = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== wake);
        reject(new WireError(`no sign of ${what} in time; unread: ${show(this.#pending)}`));
      };
      const timer = setTimeout(expired, Math.max(0, deadline - Date.now()));
      this.#waiting.push(wake);
    });
  }
}

function handshake(socket: TLSSocket, done = 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new WireError('no TLS handshake in time')), PATIENCE_MS);
    const failed = (error?: Error): void => {
      clearTimeout(timer);
      reject(error ?? new WireError('closed during the TLS handshake'));
    };
    const closed = (): void => failed();
    socket.once(done, () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.off('close', closed);
      resolve();
    });
    socket.once('error', failed);
    socket.once('close', closed);
  });
}

export interface ConnectOptions extends WireOptions {
  readonly host?: string;
  readonly port?: number;
  /** A unix socket instead of host and port. */
  readonly path?: string;
  readonly localAddress?: string;
  /** Speak TLS from the first byte. */
  readonly tls?: ConnectionOptions;
}

/** Connects, with TLS if asked. The client's half stays open when the server ends, as with a real client. */
export async function connect(options: ConnectOptions): Promise<Wire> {
  const { host = '127.0.0.1', port = 0, path, localAddress, tls } = options;
  const socket =
    path === undefined
      ? connectTcp({ host, port, allowHalfOpen: true, ...(localAddress === undefined ? {} : { localAddress }) })
      : connectTcp({ path, allowHalfOpen: true });
  await event(socket, 'connect', `a connection to ${path ?? `${host}:${port}`}`).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  const wire = new Wire(socket, options);
  if (tls !== undefined) await wire.startTls(tls);
  return wire;
}
