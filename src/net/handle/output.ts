// What a handle could not send at once: one write is on its way at a time, the others wait here.
import { systemFailure } from './failure.ts';
import type { Native } from './native.ts';
import type { NativeRequest, RequestOwner, StreamHandle } from './node-handles.d.ts';

/** The connection. */
export interface Sender extends RequestOwner {
  readonly native: Native;
  /** What is written to. */
  readonly stream: StreamHandle;
  bytesSent: number;
  /** The stream is TLS: what it is given it has encrypted, or copied, when the call returns. */
  readonly isTls: boolean;
  fail(error: Error): void;
}

const NOT_CONNECTED = -107;
/** Of `shutdown`: it was done at once. */
const AT_ONCE = 1;

/** There is none while a connection has sent everything: most writes are complete at once. */
export class Output {
  readonly #sender: Sender;
  #state: 'opening' | 'open' | 'ending' | 'shut';
  #queue: Buffer[] | undefined;
  #inFlight = false;
  /** Somebody was told to wait. */
  #waits = false;
  #sent: (() => void)[] | undefined;

  constructor(sender: Sender, isOpening: boolean) {
    this.#sender = sender;
    this.#state = isOpening ? 'opening' : 'open';
  }

  get isOpening(): boolean {
    return this.#state === 'opening';
  }

  get isShut(): boolean {
    return this.#state === 'shut';
  }

  /** Nothing is on its way. */
  get isIdle(): boolean {
    return !this.#inFlight && this.#queue === undefined;
  }

  /** Nothing is on its way, and more may be written. */
  get isDone(): boolean {
    return this.#state === 'open' && this.isIdle;
  }

  /** @returns false: the caller has to wait */
  write(chunk: Buffer): boolean {
    if (this.#state === 'ending' || this.#state === 'shut') return false;
    this.#sender.bytesSent += chunk.length;
    if (this.#inFlight || this.#state === 'opening') {
      if (this.#queue === undefined) this.#queue = [chunk];
      else this.#queue.push(chunk);
      this.#waits = true;
      return false;
    }
    return this.#settle(startWrite(this.#sender, chunk), chunk) || this.#mayGoOn();
  }

  /** A write began elsewhere, and is not complete. @param begun as from `startWrite` */
  take(begun: NativeRequest | number, chunk: Buffer): boolean {
    this.#settle(begun, chunk);
    return this.#mayGoOn();
  }

  /** The connection stands. @returns whether somebody waits, and need not wait any more */
  opened(): boolean {
    this.#state = this.#sent === undefined ? 'open' : 'ending';
    return this.#goOn();
  }

  /** A write is complete. @returns as `opened` */
  written(): boolean {
    this.#inFlight = false;
    return this.#goOn();
  }

  /** Somebody waits until the connection stands, and nothing is on its way. */
  awaitIdle(): void {
    this.#waits = true;
  }

  /** Nothing more will be written. @param sent called when everything has gone, and the end too */
  end(sent: () => void): void {
    if (this.#state === 'shut') {
      sent();
      return;
    }
    this.#sent = [...(this.#sent ?? []), sent];
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    if (this.isIdle) this.#shutDown();
  }

  shut(): void {
    if (this.#state === 'shut') return;
    this.#state = 'shut';
    const sent = this.#sent ?? [];
    this.#sent = undefined;
    for (const tell of sent) tell();
  }

  #goOn(): boolean {
    const queue = this.#queue;
    this.#queue = undefined;
    if (queue?.length === 1 && queue[0] !== undefined) this.#settle(startWrite(this.#sender, queue[0]), queue[0]);
    else if (queue !== undefined) this.#settle(startWrite(this.#sender, queue), queue);
    if (!this.isIdle) return false;
    if (this.#state === 'ending') this.#shutDown();
    const waits = this.#waits;
    this.#waits = false;
    return waits && this.#state === 'open';
  }

  /** @returns the write is complete */
  #settle(begun: NativeRequest | number, data: Buffer | readonly Buffer[]): boolean {
    if (begun === 0) return true;
    this.#inFlight = true;
    if (typeof begun === 'number') {
      const error = systemFailure(begun, 'write');
      process.nextTick(() => this.#sender.fail(error));
    } else {
      begun.owner = this.#sender;
      begun.kept = data;
    }
    return false;
  }

  #mayGoOn(): boolean {
    if (this.#sender.isTls) return true;
    this.#waits = true;
    return false;
  }

  #shutDown(): void {
    const { native, stream } = this.#sender;
    const request = native.shutdown();
    request.owner = this.#sender;
    const status = stream.shutdown(request);
    if (status === 0) return;
    const done = status === AT_ONCE || status === NOT_CONNECTED ? 0 : status;
    process.nextTick(() => this.#sender.shut(done));
  }
}

/** @returns 0: all of it was taken. A negative errno. Otherwise the request, whose owner is told. */
export function startWrite({ native, stream }: Sender, data: Buffer | readonly Buffer[]): NativeRequest | number {
  const request = native.takeWrite();
  const status = Buffer.isBuffer(data) ? stream.writeBuffer(request, data) : stream.writev(request, data, true);
  if (status === 0 && native.isAsync) return request;
  native.giveWrite(request);
  return status;
}
