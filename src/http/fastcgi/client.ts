// One FastCGI request to one peer: the records are sent, and what comes back is an answer or a failure.
import type { Socket } from 'node:net';
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { ownCopy } from '../../core/own-copy.ts';
import type { AttemptFailure, AttemptInput, AttemptResult, UpstreamTimeouts } from '../upstream/attempt.ts';
import { type DialPlan, dialKey, dialPeer, TIMED_OUT } from '../upstream/dial.ts';
import { PREMATURE, READING_BODY, READING_HEAD, readFailure, SENDING } from '../upstream/failure-text.ts';
import type { IdlePool } from '../upstream/idle-pool.ts';
import { AnswerBody } from './answer-body.ts';
import { CgiFault, type CgiHead, CgiHeadParser } from './head-parser.ts';
import { type RecordEvents, RecordParser } from './record-parser.ts';
import { RecordType } from './records.ts';

export interface FastcgiOptions {
  readonly records: Buffer;
  readonly pool: IdlePool;
  /** The application was told to keep the connection. */
  readonly keepsAlive: boolean;
  readonly plan: DialPlan;
  readonly timeouts: UpstreamTimeouts;
  readonly maxHeadBytes: number;
}

/** More of one record is not logged. */
const MAX_STDERR = 2048;
const NO_OUTPUT = 'upstream prematurely closed FastCGI stdout';

export const attemptFastcgi = (input: AttemptInput, options: FastcgiOptions): Promise<AttemptResult> =>
  new Promise((resolve) => {
    new Attempt(input, options, resolve).start();
  });

class Attempt implements RecordEvents {
  readonly #input: AttemptInput;
  readonly #options: FastcgiOptions;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #parser = new RecordParser(this);
  readonly #head: CgiHeadParser;
  #socket: Socket | undefined;
  #reused = false;
  #sentBefore = 0;
  #receivedBefore = 0;
  #body: AnswerBody | undefined;
  /** Bytes of the body that are still to come; undefined: nobody has said. */
  #left: number | undefined;
  #stderr = '';
  #isOver = false;

  constructor(input: AttemptInput, options: FastcgiOptions, resolve: (result: AttemptResult) => void) {
    this.#input = input;
    this.#options = options;
    this.#resolve = resolve;
    this.#head = new CgiHeadParser(options.maxHeadBytes);
  }

  start(): void {
    const { pool, plan } = this.#options;
    const kept = pool.take(dialKey(plan));
    if (kept !== undefined) {
      this.#reused = true;
      this.#use(kept);
      return;
    }
    dialPeer(plan, (failure, socket) => {
      if (socket !== undefined && failure === undefined) {
        this.#use(socket);
        return;
      }
      const { kind = 'error', level = Level.error, message = '' } = failure ?? {};
      this.#resolve({ failure: { kind, level, text: message, requestSent: false, stale: false } });
    });
  }

  #use(socket: Socket): void {
    const { state, request, signal } = this.#input;
    const { timeouts, records } = this.#options;
    this.#socket = socket;
    this.#sentBefore = socket.bytesWritten;
    this.#receivedBefore = socket.bytesRead;
    state.connected();
    request.action = SENDING;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onEnd);
    socket.on('timeout', this.#onTimeout);
    signal.addEventListener('abort', this.#onAbort);
    socket.setTimeout(timeouts.sendMs);
    socket.write(records, () => this.#isOver || socket.setTimeout(timeouts.readMs));
  }

  // What the records say.

  onStdout(content: Buffer): void {
    if (this.#body !== undefined) {
      this.#deliver(content);
      return;
    }
    const result = this.#head.feed(content);
    if (result === undefined) return;
    if (result instanceof CgiFault) {
      this.#fail('invalid_header', result.text);
      return;
    }
    this.#answer(result.head);
    this.#deliver(result.rest);
  }

  onStderr(content: Buffer): void {
    if (this.#stderr.length < MAX_STDERR) this.#stderr += content.toString('latin1');
  }

  onStderrEnd(): void {
    const { request } = this.#input;
    const text = this.#stderr.slice(0, MAX_STDERR).replace(/[\r\n]+$/, '');
    this.#stderr = '';
    if (text === '') return;
    request.action = this.#body === undefined ? READING_HEAD : READING_BODY;
    request.error(`FastCGI sent in stderr: "${text}"`);
  }

  onStdoutEnd(): void {
    if (this.#body === undefined) this.#fail('error', NO_OUTPUT);
  }

  onEnd(): void {
    if (this.#body === undefined) {
      this.#fail('invalid_header', `upstream sent unexpected FastCGI record: ${RecordType.end}`);
    }
  }

  // What becomes of the connection.

  readonly #onData = (chunk: Buffer): void => {
    const fault = this.#parser.feed(chunk);
    if (fault !== undefined) this.#fail('invalid_header', fault);
    else if (this.#parser.hasEnded) this.#finish(this.#options.keepsAlive && !this.#parser.hasExcess);
  };

  readonly #onEnd = (): void => {
    if (this.#body === undefined) this.#fail('error', PREMATURE);
    else this.#finish(false);
  };

  readonly #onError = (error: Error): void => this.#fail('error', readFailure(error));

  readonly #onTimeout = (): void => {
    if (this.#body?.isHeldUp === true) this.#socket?.setTimeout(this.#options.timeouts.readMs);
    else this.#fail('timeout', TIMED_OUT);
  };

  readonly #onAbort = (): void => {
    this.#release(false);
    this.#resolve({ failure: this.#failure('error', '') });
  };

  #answer(head: CgiHead): void {
    const { state, request } = this.#input;
    const socket = this.#socket;
    if (socket === undefined || this.#isOver) return;
    state.answered();
    state.bytesSent = socket.bytesWritten - this.#sentBefore;
    state.bytesReceived = socket.bytesRead - this.#receivedBefore;
    const text = head.fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? '';
    const length = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    const hasBody = request.method !== 'HEAD' && head.status !== 204 && head.status !== 304;
    this.#left = hasBody ? length : undefined;
    const body = new AnswerBody(socket);
    this.#body = body;
    body.on('error', () => {}); // it is in the log
    body.once('close', () => this.#release(false));
    const { status, reason, fields } = head;
    this.#resolve({ answer: { status, reason, fields, length, body: hasBody ? body : undefined } });
    if (!hasBody) body.resume();
  }

  #deliver(content: Buffer): void {
    if (content.length === 0 || this.#isOver) return;
    const { state, request } = this.#input;
    state.responseLength += content.length;
    let part = content;
    if (this.#left !== undefined && content.length > this.#left) {
      request.action = READING_BODY;
      request.log.write(Level.warn, 'upstream sent more data than specified in "Content-Length" header', request);
      part = content.subarray(0, this.#left);
    }
    if (this.#left !== undefined) this.#left -= part.length;
    // A copy: a small part would keep the whole chunk as long as the client takes.
    if (part.length > 0) this.#body?.add(part.length < content.length / 2 ? ownCopy(part) : part);
  }

  /** The answer has come to its end. */
  #finish(keeps: boolean): void {
    if (this.#isOver) return;
    const body = this.#body;
    if ((this.#left ?? 0) > 0) {
      this.#fail('error', NO_OUTPUT);
      return;
    }
    this.#release(keeps);
    body?.finish();
  }

  #fail(kind: AttemptFailure['kind'], text: ByteString): void {
    if (this.#isOver) return;
    const { request } = this.#input;
    this.#release(false);
    request.action = this.#body === undefined ? READING_HEAD : READING_BODY;
    if (this.#body === undefined) {
      this.#resolve({ failure: this.#failure(kind, text) });
    } else {
      request.error(text);
      this.#body.destroy(new Error(text));
    }
  }

  #failure(kind: AttemptFailure['kind'], text: ByteString): AttemptFailure {
    const stale = kind === 'error' && this.#reused && this.#socket?.bytesRead === this.#receivedBefore;
    return { kind, level: Level.error, text, requestSent: true, stale };
  }

  #release(keeps: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { signal, state } = this.#input;
    const { pool, plan } = this.#options;
    signal.removeEventListener('abort', this.#onAbort);
    const socket = this.#socket;
    if (socket === undefined) return;
    state.bytesSent = socket.bytesWritten - this.#sentBefore;
    state.bytesReceived = socket.bytesRead - this.#receivedBefore;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd);
    socket.off('timeout', this.#onTimeout);
    if (keeps) {
      socket.off('error', this.#onError);
      pool.put(dialKey(plan), socket);
    } else {
      socket.destroy();
    }
  }
}
