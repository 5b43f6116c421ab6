// One HTTP request to one peer, by node:http's client: the bytes of the head are ours, the parser is theirs.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import type {
  AttemptFailure,
  AttemptInput,
  AttemptResult,
  UpstreamAnswer,
  UpstreamTimeouts,
} from '../upstream/attempt.ts';
import { DialFailure, type DialPlan, TIMED_OUT } from '../upstream/dial.ts';
import { READING_BODY, READING_HEAD, readFailure, SENDING } from '../upstream/failure-text.ts';
import { DialTicket, type UpstreamAgent } from './agent.ts';

/** A request that is ready to be sent. */
export interface ReadyRequest {
  readonly method: ByteString;
  /** With the empty line at its end. */
  readonly head: ByteString;
  readonly body: Buffer | undefined;
  /** The connection may serve more requests afterwards. */
  readonly keepsAlive: boolean;
}

export interface ClientOptions {
  readonly ready: ReadyRequest;
  readonly agent: UpstreamAgent;
  readonly plan: DialPlan;
  readonly timeouts: UpstreamTimeouts;
  readonly maxHeadBytes: number;
}

export const attemptHttp = (input: AttemptInput, options: ClientOptions): Promise<AttemptResult> =>
  new Promise((resolve) => {
    new Attempt(input, options, resolve).start();
  });

class Attempt {
  readonly #input: AttemptInput;
  readonly #options: ClientOptions;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #outgoing: ClientRequest;
  #socket: Socket | undefined;
  #sentBefore = 0;
  #receivedBefore = 0;
  #isSent = false;
  #isTimedOut = false;
  #answer: IncomingMessage | undefined;

  constructor(input: AttemptInput, options: ClientOptions, resolve: (result: AttemptResult) => void) {
    this.#input = input;
    this.#options = options;
    this.#resolve = resolve;
    const { ready, agent, plan, maxHeadBytes } = options;
    const args = {
      agent,
      method: ready.method,
      // Only so that node:http makes no pieces of the body: what is sent is the head below.
      headers: ['Host', '-', 'Content-Length', String(ready.body?.length ?? 0)],
      maxHeaderSize: maxHeadBytes,
      ticket: new DialTicket(plan),
    };
    this.#outgoing = httpRequest(args);
    this.#outgoing._header = ready.head;
    this.#outgoing.shouldKeepAlive = ready.keepsAlive;
  }

  start(): void {
    const { signal } = this.#input;
    const outgoing = this.#outgoing;
    outgoing.on('socket', (socket) => this.#onSocket(socket));
    outgoing.on('finish', () => this.#onSent());
    outgoing.on('response', (answer) => this.#onAnswer(answer));
    outgoing.on('error', (error) => this.#onError(error));
    outgoing.on('close', () => this.#onClose());
    signal.addEventListener('abort', this.#onAbort);
    outgoing.end(this.#options.ready.body);
  }

  readonly #onAbort = (): void => {
    this.#outgoing.destroy();
  };

  readonly #onTimeout = (): void => {
    // A client that takes nothing is no fault of the peer.
    const isHeldUp = this.#answer !== undefined && this.#answer.readableLength > 0;
    if (isHeldUp) {
      this.#socket?.setTimeout(this.#options.timeouts.readMs);
      return;
    }
    this.#isTimedOut = true;
    if (this.#answer === undefined) this.#outgoing.destroy();
    else this.#socket?.destroy();
  };

  #onSocket(socket: Socket): void {
    const { state, request } = this.#input;
    this.#socket = socket;
    this.#sentBefore = socket.bytesWritten;
    this.#receivedBefore = socket.bytesRead;
    state.connected();
    request.action = SENDING;
    socket.setTimeout(this.#isSent ? this.#options.timeouts.readMs : this.#options.timeouts.sendMs);
    socket.on('timeout', this.#onTimeout);
  }

  #onSent(): void {
    this.#isSent = true;
    this.#socket?.setTimeout(this.#options.timeouts.readMs);
  }

  #onAnswer(message: IncomingMessage): void {
    const { state, request } = this.#input;
    this.#answer = message;
    state.answered();
    request.action = READING_HEAD;
    this.#account();
    message.once('end', () => this.#account());
    message.on('error', (error) => this.#onBodyError(error));
    message.once('resume', () => {
      message.on('data', (chunk: Buffer) => {
        state.responseLength += chunk.length;
      });
    });
    const answer = answerOf(message, this.#options.ready.method);
    if (answer.body === undefined) message.resume();
    this.#resolve({ answer });
  }

  #onBodyError(error: Error): void {
    const { request, signal } = this.#input;
    if (signal.aborted || request.output.destroyed) return;
    request.action = READING_BODY;
    request.error(this.#isTimedOut ? TIMED_OUT : readFailure(error));
  }

  #onError(error: Error): void {
    if (this.#answer !== undefined) return; // the body has it too
    this.#resolve({ failure: this.#failureOf(error) });
  }

  #onClose(): void {
    this.#input.signal.removeEventListener('abort', this.#onAbort);
    this.#socket?.off('timeout', this.#onTimeout);
    this.#account();
    if (this.#answer !== undefined) return;
    // It was destroyed without an error.
    this.#resolve({ failure: this.#failureOf(new Error('closed')) });
  }

  #account(): void {
    const { state } = this.#input;
    state.bytesSent = (this.#socket?.bytesWritten ?? 0) - this.#sentBefore;
    state.bytesReceived = (this.#socket?.bytesRead ?? 0) - this.#receivedBefore;
  }

  #failureOf(error: Error): AttemptFailure {
    const { request, signal } = this.#input;
    this.#account();
    if (error instanceof DialFailure) {
      const { kind, level, message } = error;
      return { kind, level, text: message, requestSent: false, stale: false };
    }
    const requestSent = this.#socket !== undefined;
    if (this.#isSent && !signal.aborted) request.action = READING_HEAD;
    if (this.#isTimedOut) return { kind: 'timeout', level: Level.error, text: TIMED_OUT, requestSent, stale: false };
    const invalid = invalidHead(error);
    if (invalid !== undefined) {
      return { kind: 'invalid_header', level: Level.error, text: invalid, requestSent, stale: false };
    }
    const stale = this.#outgoing.reusedSocket && this.#socket?.bytesRead === this.#receivedBefore;
    return { kind: 'error', level: Level.error, text: readFailure(error), requestSent, stale };
  }
}

function answerOf(message: IncomingMessage, method: ByteString): UpstreamAnswer {
  const { rawHeaders, statusCode: status = 0, statusMessage = '' } = message;
  const fields: [ByteString, ByteString][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) fields.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  const length = Number(message.headers['content-length'] ?? Number.NaN);
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  return {
    status,
    reason: statusMessage,
    fields,
    length: Number.isSafeInteger(length) ? length : undefined,
    body: hasBody ? message : undefined,
  };
}

/** What the parser did not take. */
function invalidHead(error: Error): ByteString | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (!code.startsWith('HPE_')) return undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 'upstream sent too big header';
  const isStart = code === 'HPE_INVALID_CONSTANT' || code === 'HPE_INVALID_VERSION' || code === 'HPE_INVALID_STATUS';
  return isStart ? 'upstream sent no valid HTTP/1.0 header' : 'upstream sent invalid header';
}
