// One FastCGI request to one peer: the records are sent, and what comes back is an answer or a failure.
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { ownCopy } from '../../core/own-copy.ts';
import type { AttemptFailure, AttemptInput, AttemptResult } from '../upstream/attempt.ts';
import { TIMED_OUT } from '../upstream/dial.ts';
import { PREMATURE, READING_BODY, READING_HEAD, readFailure } from '../upstream/failure-text.ts';
import { type LinkOptions, type LinkOwner, PeerLink } from '../upstream/link.ts';
import { AnswerBody } from './answer-body.ts';
import { CgiFault, type CgiHead, CgiHeadParser } from './head-parser.ts';
import { type RecordEvents, RecordParser } from './record-parser.ts';
import { HEADER_BYTES, RecordType } from './records.ts';

export interface FastcgiOptions {
  readonly link: LinkOptions;
  /** The application was told to keep the connection. */
  readonly keepsAlive: boolean;
  readonly maxHeadBytes: number;
  /** Texts of the error output that make an answer invalid. */
  readonly catches: readonly ByteString[];
}

/** More of one record is not logged. */
const MAX_STDERR = 2048;
/** All error output of one request, with 8 bytes for each record; what comes behind is not logged. */
const MAX_STDERR_TOTAL = 1024 * 1024;
const NO_OUTPUT = 'upstream prematurely closed FastCGI stdout';
const NO_END = 'upstream prematurely closed FastCGI request';

export const attemptFastcgi = (input: AttemptInput, options: FastcgiOptions): Promise<AttemptResult> =>
  new Promise((resolve) => {
    new Attempt(input, options, resolve).start();
  });

class Attempt implements RecordEvents, LinkOwner {
  readonly #input: AttemptInput;
  readonly #keepsAlive: boolean;
  readonly #catches: readonly ByteString[];
  readonly #resolve: (result: AttemptResult) => void;
  readonly #link: PeerLink;
  readonly #parser = new RecordParser(this);
  readonly #head: CgiHeadParser;
  #body: AnswerBody | undefined;
  /** Bytes of the body that are still to come; undefined: nobody has said. */
  #left: number | undefined;
  #stderr = '';
  #stderrTotal = 0;
  #isOver = false;

  constructor(
    input: AttemptInput,
    { link, keepsAlive, maxHeadBytes, catches }: FastcgiOptions,
    resolve: (result: AttemptResult) => void,
  ) {
    this.#input = input;
    this.#keepsAlive = keepsAlive;
    this.#catches = catches;
    this.#resolve = resolve;
    this.#link = new PeerLink(input, link, this);
    this.#head = new CgiHeadParser(maxHeadBytes);
  }

  start(): void {
    this.#link.open();
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
    this.#stderrTotal += content.length;
    if (this.#stderr.length < MAX_STDERR) this.#stderr += content.toString('latin1');
  }

  onStderrEnd(): void {
    const { request } = this.#input;
    this.#stderrTotal += HEADER_BYTES;
    if (this.#stderrTotal > MAX_STDERR_TOTAL) {
      // Each record would put off the time limit once more, and write a line.
      if (this.#body === undefined) this.#fail('invalid_header', 'upstream sent too much to stderr');
      this.#stderr = '';
      return;
    }
    const text = this.#stderr.slice(0, MAX_STDERR).replace(/[\r\n]+$/, '');
    this.#stderr = '';
    if (text === '') return;
    request.action = this.#body === undefined ? READING_HEAD : READING_BODY;
    request.error(`FastCGI sent in stderr: "${text}"`);
    const isCaught = this.#catches.some((part) => text.includes(part));
    if (isCaught && this.#body === undefined) this.#fail('invalid_header', '');
  }

  onStdoutEnd(): void {
    if (this.#body === undefined || this.#lacksBytes) this.#fail('error', NO_OUTPUT);
  }

  onEnd(): void {
    if (this.#body === undefined) {
      this.#fail('invalid_header', `upstream sent unexpected FastCGI record: ${RecordType.end}`);
    } else if (this.#lacksBytes) {
      this.#fail('error', NO_END);
    }
  }

  // What becomes of the connection.

  onNone(failure: AttemptFailure): void {
    this.#isOver = true;
    this.#resolve({ failure });
  }

  onData(chunk: Buffer): void {
    const fault = this.#parser.feed(chunk);
    if (fault !== undefined) this.#fail('invalid_header', fault);
    else if (this.#parser.hasEnded) this.#finish(this.#keepsAlive && !this.#parser.hasExcess);
  }

  onClosed(error: Error | undefined): void {
    if (error !== undefined) this.#fail('error', readFailure(error));
    // Who was asked to keep the connection says where the answer ends.
    else if (this.#body === undefined || this.#keepsAlive || this.#lacksBytes) this.#fail('error', PREMATURE);
    else this.#finish(false);
  }

  onTimeout(): void {
    if (this.#body?.isHeldUp === true) this.#link.waitOn();
    else this.#fail('timeout', TIMED_OUT);
  }

  /** Of what the answer said of its length. */
  get #lacksBytes(): boolean {
    return (this.#left ?? 0) > 0;
  }

  #answer(head: CgiHead): void {
    if (this.#isOver) return;
    const { state, request } = this.#input;
    state.answered();
    this.#link.account();
    const text = head.fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? '';
    const length = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    const hasBody = request.method !== 'HEAD' && head.status !== 204 && head.status !== 304;
    this.#left = hasBody ? length : undefined;
    const body = new AnswerBody(this.#link);
    this.#body = body;
    body.on('error', () => {}); // it is in the log
    body.once('close', () => this.#link.release(false));
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
    this.#isOver = true;
    this.#link.release(keeps);
    body?.finish();
  }

  #fail(kind: AttemptFailure['kind'], text: ByteString): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { request, signal } = this.#input;
    const stale = kind === 'error' && this.#link.isStale;
    if (!signal.aborted) request.action = this.#body === undefined ? READING_HEAD : READING_BODY;
    this.#link.release(false);
    if (this.#body === undefined) {
      this.#resolve({ failure: { kind, level: Level.error, text, requestSent: true, stale } });
    } else {
      request.error(text);
      this.#body.break(new Error(text));
    }
  }
}
