// The answer of a peer, by node:http's parser: a request of its that nobody sends, on a stream that we feed.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { HeadLines } from './head-lines.ts';

/** What node:http takes for the connection. */
class Feed extends Duplex {
  readonly #wanted: () => void;

  constructor(wanted: () => void) {
    super();
    this.#wanted = wanted;
  }

  override _read(): void {
    this.#wanted();
  }

  /** The request that is sent is not the one that node:http writes. */
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

/** The peer answers with what no request of ours asks for. */
export class UnaskedAnswer extends Error {}

export interface AnswerEvents {
  onHead(message: IncomingMessage): void;
  /** The parser does not take what came, or it broke off before the end of a head. */
  onFault(error: Error): void;
  /** The peer speaks another protocol from here on. */
  onUpgrade(): void;
  /** There is room for more. */
  onRoom(): void;
}

/** Interim answers to one request; a peer that sends more of them never comes to an end. */
const MAX_INTERIM = 16;

export class AnswerParser {
  readonly #feed: Feed;
  readonly #asked: ClientRequest;
  readonly #head = new HeadLines();
  #isOver = false;

  /** @param isHead the answer to a HEAD has no body whatever it says @param maxHeadBytes more is refused */
  constructor(isHead: boolean, maxHeadBytes: number, events: AnswerEvents) {
    this.#feed = new Feed(() => events.onRoom());
    this.#asked = httpRequest({
      createConnection: () => this.#feed,
      method: isHead ? 'HEAD' : 'GET',
      maxHeaderSize: maxHeadBytes,
    });
    const refuse = (why: string): void => {
      if (!this.#isOver) events.onFault(new UnaskedAnswer(why));
      this.destroy();
    };
    this.#asked.on('response', (message) => {
      if (this.#isOver) message.destroy();
      else events.onHead(message);
    });
    let interim = 0;
    this.#asked.on('information', () => ++interim > MAX_INTERIM && refuse('interim answers without end'));
    this.#asked.on('error', (error) => this.#isOver || events.onFault(error));
    // Without this node:http would drop the connection without a word, and nobody would wait for its end.
    this.#asked.on('upgrade', () => this.#isOver || events.onUpgrade());
    this.#asked.on('close', () => this.#isOver || events.onFault(new Error('closed')));
    this.#asked.end();
  }

  /** Bytes wait for the reader of the body. */
  get isFull(): boolean {
    return this.#feed.readableLength > 0;
  }

  /** Nothing is wrong, and nothing came behind the end of the answer. */
  get isClean(): boolean {
    return !this.#feed.destroyed && this.#feed.readableLength === 0;
  }

  /** @returns false: nothing more before `onRoom` */
  feed(chunk: Buffer): boolean {
    return this.#feed.destroyed || this.#feed.push(this.#head.feed(chunk));
  }

  /** The peer has closed its side in order. */
  feedEnd(): void {
    if (!this.#feed.destroyed) this.#feed.push(null);
  }

  /** Lets go of everything; a body that is not whole fails. */
  destroy(): void {
    this.#isOver = true;
    this.#asked.destroy();
    this.#feed.destroy();
  }
}
