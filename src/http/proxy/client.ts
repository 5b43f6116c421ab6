// One HTTP request to one peer: the bytes that are sent are ours, the parser of the answer is node:http's.
import type { IncomingMessage } from 'node:http';
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import type { AttemptFailure, AttemptInput, AttemptResult, UpstreamAnswer } from '../upstream/attempt.ts';
import { TIMED_OUT } from '../upstream/dial.ts';
import { PREMATURE, READING_BODY, READING_HEAD, readFailure } from '../upstream/failure-text.ts';
import { type LinkOptions, type LinkOwner, PeerLink } from '../upstream/link.ts';
import { type AnswerEvents, AnswerParser, UnaskedAnswer } from './answer-parser.ts';

export interface ClientOptions {
  readonly link: LinkOptions;
  readonly method: ByteString;
  /** The connection may serve more requests afterwards. */
  readonly keepsAlive: boolean;
  /** Of the answer. */
  readonly maxHeadBytes: number;
}

export const attemptHttp = (input: AttemptInput, options: ClientOptions): Promise<AttemptResult> =>
  new Promise((resolve) => {
    new Attempt(input, options, resolve).start();
  });

class Attempt implements LinkOwner, AnswerEvents {
  readonly #input: AttemptInput;
  readonly #options: ClientOptions;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #link: PeerLink;
  /** undefined: nothing has come. */
  #parser: AnswerParser | undefined;
  #answer: IncomingMessage | undefined;
  /** The peer said how long its answer is, and that it takes more requests. */
  #mayStay = false;
  /** Why the body breaks off. */
  #isLogged = false;

  constructor(input: AttemptInput, options: ClientOptions, resolve: (result: AttemptResult) => void) {
    this.#input = input;
    this.#options = options;
    this.#resolve = resolve;
    this.#link = new PeerLink(input, options.link, this);
  }

  start(): void {
    this.#link.open();
  }

  // What the connection tells.

  onNone(failure: AttemptFailure): void {
    this.#resolve({ failure });
  }

  onData(chunk: Buffer): void {
    const { method, maxHeadBytes } = this.#options;
    this.#parser ??= new AnswerParser(method === 'HEAD', maxHeadBytes, this);
    if (!this.#parser.feed(chunk)) this.#link.pause();
  }

  onClosed(error: Error | undefined): void {
    const isCut = error !== undefined || this.#parser === undefined;
    if (isCut) this.#fail('error', error === undefined ? PREMATURE : readFailure(error));
    else this.#parser?.feedEnd();
  }

  onTimeout(): void {
    // What has come waits for the client.
    const isHeldUp = this.#parser?.isFull === true || (this.#answer?.readableLength ?? 0) > 0;
    if (isHeldUp) this.#link.waitOn();
    else this.#fail('timeout', TIMED_OUT);
  }

  // What the parser tells.

  onRoom(): void {
    this.#link.resume();
  }

  onFault(error: Error): void {
    const invalid = invalidHead(error);
    if (this.#answer !== undefined) {
      // The body has it too, but does not tell a broken chunk from a connection that broke off.
      if (invalid !== undefined && !this.#answer.complete)
        this.#fail('error', 'upstream sent invalid chunked response');
      return;
    }
    if (invalid === undefined) this.#fail('error', readFailure(error));
    else this.#fail('invalid_header', invalid);
  }

  onUpgrade(): void {
    this.#fail('invalid_header', 'upstream switched protocols, which is not passed on');
  }

  onHead(message: IncomingMessage): void {
    const { state, request } = this.#input;
    this.#answer = message;
    state.answered();
    request.action = READING_HEAD;
    this.#link.account();
    const answer = answerOf(message, this.#options.method);
    this.#mayStay = this.#options.keepsAlive && staysOpen(message, answer);
    message.once('end', () => this.#onAnswerEnd(message));
    message.on('error', (error) => this.#onBodyError(error));
    message.once('close', () => this.#release());
    message.once('resume', () => {
      message.on('data', (chunk: Buffer) => {
        state.responseLength += chunk.length;
      });
    });
    if (answer.body === undefined) message.resume();
    this.#resolve({ answer });
  }

  #onAnswerEnd(message: IncomingMessage): void {
    this.#link.release(this.#mayStay && message.complete && this.#parser?.isClean === true);
    message.destroy(); // it does not do so by itself
  }

  #onBodyError(error: Error): void {
    const { request, signal } = this.#input;
    if (this.#isLogged || signal.aborted || request.output.destroyed) return;
    request.action = READING_BODY;
    request.error(readFailure(error));
  }

  #fail(kind: AttemptFailure['kind'], text: ByteString): void {
    const { request, signal } = this.#input;
    const answer = this.#answer;
    if (answer !== undefined) {
      request.action = READING_BODY;
      request.error(text);
      this.#isLogged = true;
      answer.destroy(new Error(text));
      return;
    }
    const requestSent = true;
    const stale = kind === 'error' && this.#link.isStale;
    if (this.#link.isSent && !signal.aborted) request.action = READING_HEAD;
    this.#release();
    this.#resolve({ failure: { kind, level: Level.error, text, requestSent, stale } });
  }

  #release(): void {
    this.#link.release(false);
    this.#parser?.destroy();
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

/** Its end does not end the answer. */
function staysOpen({ headers, httpVersion }: IncomingMessage, { body, length }: UpstreamAnswer): boolean {
  const isDelimited = body === undefined || length !== undefined || headers['transfer-encoding'] !== undefined;
  return isDelimited && httpVersion === '1.1' && !/\bclose\b/i.test(headers.connection ?? '');
}

/** What the parser did not take. */
function invalidHead(error: Error): ByteString | undefined {
  if (error instanceof UnaskedAnswer) return 'upstream sent invalid header';
  const code = 'code' in error ? String(error.code) : '';
  if (!code.startsWith('HPE_')) return undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 'upstream sent too big header';
  const isStart = code === 'HPE_INVALID_CONSTANT' || code === 'HPE_INVALID_VERSION' || code === 'HPE_INVALID_STATUS';
  return isStart ? 'upstream sent no valid HTTP/1.0 header' : 'upstream sent invalid header';
}
