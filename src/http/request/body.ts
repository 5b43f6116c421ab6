// The body of a request: read when somebody asks for it, bounded in size and time.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyStore, type ReceivedBody, type StoreOwner, type StoreRules } from './body-store.ts';
import { HttpFault } from './fault.ts';

/** What watches the client while a body is read. */
export interface BodyWatch {
  /** Each wait for a piece may take so many milliseconds from here on; 0: nobody waits. */
  awaitBody(ms: number): void;
}

export interface BodyLimits {
  /** Bytes; 0 is without limit. */
  readonly size: number;
  /** Between two pieces. */
  readonly timeoutMs: number;
  readonly store: StoreRules;
}

const TOO_LARGE = 413;
const CUT = 'client prematurely closed connection';

export class RequestBody implements StoreOwner {
  readonly #message: IncomingMessage;
  readonly #output: ServerResponse;
  readonly #watch: BodyWatch;
  /** The client waits to be told that it may send the body. */
  #expected: boolean;
  #read: Promise<ReceivedBody> | undefined;
  #fault: HttpFault | undefined;
  #isWhole = false;
  #refuse: ((fault: HttpFault) => void) | undefined;

  constructor(message: IncomingMessage, output: ServerResponse, expected: boolean, watch: BodyWatch) {
    this.#message = message;
    this.#output = output;
    this.#expected = expected;
    this.#watch = watch;
  }

  /** Why it cannot come whole; known also where nobody reads it. */
  get fault(): HttpFault | undefined {
    return this.#fault;
  }

  /** The whole body. @throws HttpFault where it is too large, broken, or does not come */
  read(limits: BodyLimits): Promise<ReceivedBody> {
    this.#read ??= this.#collect(limits);
    return this.#read;
  }

  /** Tells a client that waits for it to go on. */
  accept(): void {
    if (this.#expected) this.#output.writeContinue();
    this.#expected = false;
  }

  /** It will not come to its end. */
  fail(fault: HttpFault): void {
    if (this.#isWhole || this.#fault !== undefined) return;
    this.#fault = fault;
    this.#refuse?.(fault);
  }

  onFull(): void {
    this.#message.pause();
  }

  onRoom(): void {
    this.#message.resume();
  }

  onFault(fault: HttpFault): void {
    this.fail(fault);
  }

  #collect({ size, timeoutMs, store: rules }: BodyLimits): Promise<ReceivedBody> {
    const message = this.#message;
    const store = new BodyStore(rules, this);
    return new Promise<ReceivedBody>((resolve, reject) => {
      let length = 0;
      this.#refuse = (fault) => {
        this.#refuse = undefined;
        message.off('data', onData);
        store.drop();
        this.#watch.awaitBody(0);
        reject(fault);
      };
      const onData = (chunk: Buffer): void => {
        if (size > 0 && length + chunk.length > size) {
          const text = `client intended to send too large chunked body: ${length}+${chunk.length} bytes`;
          this.fail(new HttpFault(TOO_LARGE, false, text));
          return;
        }
        length += chunk.length;
        store.add(chunk);
      };
      message.on('data', onData);
      message.once('end', () => {
        if (this.#fault !== undefined) return;
        this.#watch.awaitBody(0);
        store.end((body) => {
          this.#isWhole = true;
          resolve(body);
        });
      });
      message.once('error', () => this.fail(new HttpFault(400, true, CUT)));
      message.once('close', () => message.complete || this.fail(new HttpFault(400, true, CUT)));
      if (this.#fault !== undefined) {
        this.#refuse(this.#fault);
        return;
      }
      this.accept();
      this.#watch.awaitBody(timeoutMs);
    });
  }
}
