// One page that watches: what it is sent, what it may ask, and when it is let go.
import type { ByteString } from '../../conf/directive.ts';
import type { MessageSocket } from '../../net/websocket/message-socket.ts';
import type { ToPage } from './messages.ts';
import { parseQuestion, type Question } from './question.ts';

export interface ViewerOwner {
  /** Its WebSocket is open. */
  greet(viewer: Viewer): void;
  /** It has asked for other sessions. */
  asked(viewer: Viewer): void;
}

export interface ViewerOptions {
  readonly socket: MessageSocket;
  readonly owner: ViewerOwner;
  readonly api: string | undefined;
  /** Tells what it did wrong. */
  readonly log: (text: ByteString) => void;
}

/** Bytes of a message of a page. */
export const MAX_MESSAGE = 16_384;
/** Messages at once, and how many more a second. */
const BURST = 20;
const RATE = 4;
/** Of rounds that it did not take: it is too slow. */
const MAX_MISSED = 5;
const MALFORMED = 1007;
const POLICY = 1008;

export class Viewer {
  readonly api: string | undefined;
  /** What it asked last; undefined: nothing so far. */
  question: Question | undefined;
  readonly #options: ViewerOptions;
  #isGreeted = false;
  #missed = 0;
  #allowed = BURST;
  #countedMs = Date.now();

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.api = options.api;
  }

  /** It has taken all that it was sent. */
  get isFree(): boolean {
    const { socket } = this.#options;
    return this.#isGreeted && socket.isOpen && socket.waiting === 0;
  }

  opened(): void {
    this.#options.owner.greet(this);
  }

  /** The first message, which all others follow. */
  greet(hello: string): void {
    this.#options.socket.send(hello);
    this.#isGreeted = true;
  }

  /** A round begins. What it has not taken of the one before is waited for, but not for long. @returns it is sent to */
  isReady(): boolean {
    const { socket, log } = this.#options;
    if (this.isFree) {
      this.#missed = 0;
      return true;
    }
    if (!socket.isOpen) return false;
    if (++this.#missed > MAX_MISSED) {
      log('client takes too little of what a dashboard says');
      socket.drop();
    }
    return false;
  }

  /** Of the round at hand: no more than one of a kind. @param text JSON */
  send(text: string): void {
    this.#options.socket.send(text);
  }

  tell(message: ToPage): void {
    this.send(JSON.stringify(message));
  }

  said(text: string): void {
    const { socket, log, owner } = this.#options;
    if (!this.#mayAsk()) {
      log('client asks too often');
      socket.close(POLICY);
      return;
    }
    const question = parseQuestion(text);
    if (question === undefined) {
      log('client sent a message that means nothing to a dashboard');
      socket.close(MALFORMED);
      return;
    }
    this.question = question;
    owner.asked(this);
  }

  #mayAsk(): boolean {
    const nowMs = Date.now();
    this.#allowed = Math.min(BURST, this.#allowed + (Math.max(0, nowMs - this.#countedMs) * RATE) / 1000);
    this.#countedMs = nowMs;
    if (this.#allowed < 1) return false;
    this.#allowed--;
    return true;
  }
}
