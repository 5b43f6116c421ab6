// The connection to the server: messages of either side, and another connection when one ends.
import type { FromPage, ToPage } from '../http/dashboard/messages.ts';
import { Retry } from './retry.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly reason: string };

/** A connection that takes longer is given up, and so is one that falls silent. */
const SILENCE_MS = 10_000;

export interface FeedListener {
  message(message: ToPage): void;
  state(): void;
}

export class Feed {
  readonly #url: string;
  readonly #listener: FeedListener;
  readonly #retry = new Retry(Math.random);
  #socket: WebSocket | undefined;
  #state: LinkState = { kind: 'connecting' };
  #timer = 0;
  #reason = '';
  /** What is asked for; a new connection asks for the same. */
  #watch: FromPage | undefined;

  constructor(url: string, listener: FeedListener) {
    this.#url = url;
    this.#listener = listener;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** How often in a row there was no connection. */
  get failures(): number {
    return this.#retry.failures;
  }

  connect(): void {
    clearTimeout(this.#timer);
    this.#let(this.#socket);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#set({ kind: 'connecting' });
    this.#listen();
    socket.onopen = () => {
      if (this.#watch !== undefined) socket.send(JSON.stringify(this.#watch));
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
  }

  send(watch: FromPage): void {
    this.#watch = watch;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(watch));
  }

  #hear(data: unknown): void {
    if (typeof data !== 'string') return;
    this.#listen();
    this.#retry.succeeded();
    this.#reason = '';
    if (this.#state.kind !== 'open') this.#set({ kind: 'open' });
    const message: ToPage = JSON.parse(data);
    this.#listener.message(message);
  }

  /** A machine that went to sleep, or a cable that was pulled, closes nothing. */
  #listen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(1006, 'no message for 10 seconds'), SILENCE_MS);
  }

  #lost(code: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#let(this.#socket);
    this.#socket = undefined;
    const wait = this.#retry.waitAfter(code);
    this.#timer = setTimeout(() => this.connect(), wait);
    // What the server said stays, while it says nothing else.
    if (reason !== '') this.#reason = reason;
    if (wait > 0) this.#set({ kind: 'waiting', untilMs: performance.now() + wait, reason: this.#reason });
  }

  #let(socket: WebSocket | undefined): void {
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#listener.state();
  }
}
