// One client of the load: a raw socket that goes through steps, and can be left open, stuck or closed afterwards.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { latin1, show } from '../support/bytes.ts';
import type { Security, Step } from './dialogues.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** No dialogue may take longer, in milliseconds. */
const PATIENCE_MS = 60_000;
/** Made once: it costs more than a handshake. */
const secureContext = createSecureContext();

export class Client {
  #io: Socket;
  #steps: readonly Step[] = [];
  #at = 0;
  #text = '';
  #done: ((failure: string | undefined) => void) | undefined;
  #closed = false;
  readonly #onClosed: (() => void)[] = [];

  constructor(place: Place, security: Security, localAddress?: string) {
    this.#io = connectTcp({ ...place, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
    this.#listen(this.#io);
    if (security === 'tls') this.#handshake();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Goes through the steps. Rejects where the server says something else, leaves, or takes a minute. */
  run(steps: readonly Step[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end('no answer in time'), PATIENCE_MS);
      this.#steps = steps;
      this.#at = 0;
      this.#done = (failure) => {
        clearTimeout(timer);
        this.#done = undefined;
        if (failure === undefined) resolve();
        else reject(new Error(failure));
      };
      if (this.#closed) this.#end('the server had closed');
      else this.#say();
    });
  }

  /** Closes, and waits until the server has closed too. */
  async leave(): Promise<void> {
    this.#io.resume();
    this.#io.end();
    await this.closed();
  }

  /** Ends by a reset. */
  async reset(): Promise<void> {
    this.#io.destroy();
    await this.closed();
  }

  /** Resolves when the connection is closed. Rejects where that takes a minute. */
  closed(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        resolve();
        return;
      }
      const timer = setTimeout(() => reject(new Error('the server did not close in time')), PATIENCE_MS);
      this.#onClosed.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Reads nothing from here on. */
  stopReading(): void {
    this.#io.pause();
  }

  /** Writes the text; resolves when the connection has taken it, or is closed. */
  write(text: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#io.write(text, () => resolve());
    });
  }

  /** Writes the text for as long as the connection takes it. `took` is told how many bytes that was. */
  flood(text: Buffer, took: (bytes: number) => void): void {
    const more = (): void => {
      if (this.#io.destroyed) return;
      if (this.#io.write(text, () => took(text.length))) setImmediate(more);
      else this.#io.once('drain', more);
    };
    more();
  }

  #say(): void {
    const step = this.#steps[this.#at];
    this.#text = '';
    if (step === undefined) this.#end(undefined);
    else if (step.send !== '') this.#io.write(latin1(step.send));
  }

  #handshake(then?: () => void): void {
    const raw = this.#io;
    raw.removeAllListeners('data');
    this.#io = connectTls({ socket: raw, secureContext, rejectUnauthorized: false });
    if (then !== undefined) this.#io.once('secureConnect', then);
    this.#listen(this.#io);
  }

  #listen(io: Socket): void {
    io.on('data', (chunk: Buffer) => this.#read(chunk));
    io.on('error', (error) => this.#end(error.message));
    io.on('close', () => {
      if (io !== this.#io) return;
      this.#closed = true;
      this.#end('the server closed');
      for (const tell of this.#onClosed.splice(0)) tell();
    });
  }

  #read(chunk: Buffer): void {
    const step = this.#steps[this.#at];
    if (step === undefined) return;
    this.#text += chunk.toString('latin1');
    if (!step.until.test(this.#text)) return;
    this.#at++;
    if (step.handshake === true) this.#handshake(() => this.#say());
    else this.#say();
  }

  #end(failure: string | undefined): void {
    const step = this.#steps[this.#at];
    const where = step === undefined ? '' : ` after ${show(step.send)}, unread ${show(this.#text, 200)}`;
    this.#done?.(failure === undefined ? undefined : failure + where);
    if (failure !== undefined) this.#io.destroy();
  }
}
