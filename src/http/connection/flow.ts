// The way of an HTTP connection: one request after the other, and the waits between them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionCounts } from '../../core/connection-counts.ts';
import { Level, type LogContext } from '../../core/log.ts';
import type { ConnHandler, RequestConnection } from '../../net/connection.ts';
import { clientFailure } from '../../net/failure.ts';
import { httpTags } from '../log-tags.ts';
import { type BodyWatch, RequestBody } from '../request/body.ts';
import { type Broken, brokenBy, connectBroken, type ParseError, unfinished } from '../request/broken.ts';
import { HttpFault } from '../request/fault.ts';
import { HeadRecord } from '../request/head-record.ts';
import { type ClientLoc, clientModule } from './client-module.ts';
import { closeConnection } from './closing.ts';
import type { HttpConnection } from './connection.ts';
import type { FlowOptions } from './flow-options.ts';
import { type Phase, recount } from './flow-phase.ts';
import { type Arrived, asksForUpgrade, RequestQueue } from './request-queue.ts';
import { HttpStream, type StreamOwner } from './stream.ts';

export class HttpFlow implements ConnHandler, StreamOwner, BodyWatch, LogContext {
  readonly connection: number;
  readonly stream: HttpStream;
  readonly #options: FlowOptions;
  readonly client: HttpConnection;
  readonly #conn: RequestConnection;
  readonly #head = new HeadRecord();
  readonly #queue = new RequestQueue();
  /** Of the latest request's location. */
  #limits: ClientLoc;
  #phase: Phase = 'waiting';
  /** What comes was there before the latest answer. */
  #isPipelined = false;
  #bodyTimeoutMs = 0;
  /** When the rest of a body is no longer waited for. */
  #discardUntilMs = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.client = options.client;
    this.#conn = options.client.conn;
    this.#limits = options.limits;
    this.connection = options.client.number;
    this.stream = new HttpStream(this.#conn, this);
  }

  start(): void {
    this.#counts.waiting++;
    this.#options.moved(this.#phase);
    this.#conn.handler = this;
    this.#conn.deadline(this.#options.headerTimeoutMs);
    this.#conn.resume();
  }

  /** Graceful stop: answers what is on its way. */
  drain(): void {
    this.client.closing = true;
    if (this.#phase === 'idle' || (this.#phase === 'waiting' && !this.#conn.hasUnread)) this.destroy();
  }

  destroy(): void {
    this.#conn.destroy();
  }

  /** Ends a connection that gets no answer. */
  abort(): void {
    if (this.#now().resetTimedoutConnection) this.#conn.reset();
    else this.destroy();
  }

  readonly logTags = httpTags;

  logSuffix(): string {
    return `, client: ${this.client.remoteAddress}, server: ${this.#options.listenText}`;
  }

  // What node:http tells.

  arrived(message: IncomingMessage, output: ServerResponse, expectsContinue: boolean): void {
    this.#head.clear();
    const body = new RequestBody(message, output, expectsContinue, this);
    this.#queue.push({ message, output, body, request: undefined });
    if (this.#phase !== 'serving' && this.#phase !== 'discarding') this.#next(this.#isPipelined);
  }

  failed(error: ParseError): void {
    if (this.#phase === 'closed' || this.#queue.broken !== undefined) return;
    if (this.#phase === 'discarding') {
      this.client.closing = true;
      this.stream.end();
      return;
    }
    const { newest } = this.#queue;
    if (newest !== undefined && !newest.message.complete) {
      const isCut = error.code === 'HPE_INVALID_EOF_STATE';
      this.client.closing = true;
      const text = isCut ? 'client prematurely closed connection' : 'client sent invalid chunked body';
      newest.body.fail(new HttpFault(400, isCut, text));
      return;
    }
    this.#break(brokenBy(error, this.#head, this.#queue.parsed > 0));
  }

  /** A CONNECT: node:http has let go of the stream. */
  connects({ url = '', httpVersion }: IncomingMessage): void {
    if (this.#phase === 'closed' || this.#queue.broken !== undefined) return;
    this.#break(connectBroken(url, httpVersion));
  }

  takes(): boolean {
    if (this.#phase === 'closed' || this.#queue.broken !== undefined) return false;
    return this.#queue.newest === undefined || this.#queue.lacksBody;
  }

  reading(piece: Buffer): void {
    this.#queue.parsed = 0;
    if (this.#phase === 'head') this.#head.add(piece);
  }

  blocked(): void {
    this.#conn.deadline(this.#now().sendTimeoutMs);
  }

  unblocked(): void {
    this.#conn.deadline(this.#phase === 'discarding' ? this.#limits.lingeringTimeoutMs : this.#bodyTimeoutMs);
  }

  finished(): void {
    if (this.#phase === 'closed') return;
    const { lingeringClose } = this.#now();
    const isUnread =
      this.#phase === 'discarding' || this.#queue.broken !== undefined || this.stream.holds || this.#queue.lacksBody;
    this.#enter('closed');
    const lingers = lingeringClose === 'always' || (lingeringClose === 'on' && isUnread);
    closeConnection(this.#conn, this.#now(), lingers, () => this.#gone());
  }

  awaitBody(ms: number): void {
    this.#bodyTimeoutMs = ms;
    if (this.#phase === 'serving' && !this.stream.isBlocked) this.#conn.deadline(ms);
  }

  // What the connection tells.

  onData(chunk: Buffer): void {
    if (this.#phase === 'waiting' || this.#phase === 'idle') this.#enterHead();
    else if (this.#phase === 'serving' && this.#bodyTimeoutMs > 0) this.#conn.deadline(this.#bodyTimeoutMs);
    else if (this.#phase === 'discarding') this.#awaitRest();
    this.stream.feed(chunk);
  }

  onDrain(): void {
    this.stream.drained();
  }

  onEof(): void {
    if (this.#phase === 'waiting') {
      this.#log(Level.info, 'client closed connection while waiting for request');
      this.destroy();
    } else if (this.#phase === 'idle') {
      const plain = { connection: this.connection, logSuffix: () => '' };
      this.#options.log.write(Level.info, `client ${this.client.remoteAddress} closed keepalive connection`, plain);
      this.destroy();
    } else {
      this.client.ended = true;
      this.client.onEnded?.();
      this.stream.feedEnd();
    }
  }

  onTimeout(): void {
    if (this.#phase === 'waiting') {
      this.#log(Level.info, 'client timed out (110: Connection timed out) while waiting for request');
    } else if (this.#phase === 'head') {
      this.#enter('closed');
      this.#options.refuse(unfinished(this.#head, 408));
    } else if (this.#phase === 'serving') {
      if (this.#bodyTimeoutMs > 0 && !this.stream.isBlocked) {
        this.#queue.current?.body.fail(new HttpFault(408, true, ''));
        return;
      }
      this.#logSlow();
    }
    this.abort();
  }

  onClose(error: Error | undefined): void {
    const failure = error === undefined || this.#phase === 'idle' ? undefined : clientFailure(error);
    if (this.#phase === 'waiting' && failure !== undefined) {
      this.#log(failure.level, `${failure.text} while waiting for request`);
    }
    if (this.#phase === 'head') this.#options.refuse(unfinished(this.#head, 400, failure?.text));
    this.#enter('closed');
    this.#gone();
  }

  /** @param isPipelined it waited for the one before */
  #next(isPipelined: boolean): void {
    const arrived = this.#queue.next();
    const { broken } = this.#queue;
    if (arrived === undefined && broken === undefined) {
      this.#rest();
      return;
    }
    const { client } = this;
    if (this.#phase !== 'head') this.#counts.requests++;
    this.#enter('serving');
    this.#conn.deadline(0);
    client.busy = true;
    client.pipelined = isPipelined;
    client.requests++;
    if (arrived !== undefined) {
      if (asksForUpgrade(arrived)) client.expectUpgrade(this.stream.isFollowed);
      arrived.output.once('close', () => this.#answered(arrived));
      this.#options.serve(arrived);
    } else if (broken !== undefined) {
      this.#options.refuse(broken);
    }
  }

  #answered(arrived: Arrived): void {
    if (this.#phase === 'closed') return;
    if (this.client.closing) {
      this.stream.end();
      return;
    }
    this.#limits = this.#now();
    this.#queue.current = undefined;
    this.client.busy = false;
    this.client.client = this.client.peer;
    if (arrived.message.complete) {
      this.#next(true);
    } else {
      this.#enter('discarding');
      this.#discardUntilMs = Date.now() + this.#limits.lingeringTimeMs;
      this.#awaitRest();
      arrived.message.once('close', () => this.#phase === 'discarding' && this.#next(true));
      arrived.message.resume();
    }
  }

  #awaitRest(): void {
    const left = this.#discardUntilMs - Date.now();
    if (left > 0) this.#conn.deadline(Math.min(left, this.#limits.lingeringTimeoutMs));
    else this.destroy();
  }

  /** Nothing waits for an answer. */
  #rest(): void {
    this.#enter('idle');
    this.#isPipelined = this.stream.holds;
    if (this.#isPipelined) this.#enterHead();
    else this.#conn.deadline(this.client.keepaliveMs);
    this.stream.pass();
  }

  get #counts(): ConnectionCounts {
    return this.client.services.connections.counts;
  }

  #enter(phase: Phase): void {
    recount(this.#counts, this.#phase, phase);
    this.#phase = phase;
    this.#options.moved(phase);
  }

  #enterHead(): void {
    this.#counts.requests++;
    this.#enter('head');
    this.#head.clear();
    this.#conn.deadline(this.#options.headerTimeoutMs);
  }

  /** Its answer comes when those of the requests before it are sent. */
  #break(broken: Broken): void {
    this.#queue.broken = broken;
    if (this.#queue.current === undefined) this.#next(false);
  }

  /** Of the request at hand, or of the latest one. */
  #now(): ClientLoc {
    return this.#queue.current?.request?.conf(clientModule.loc) ?? this.#limits;
  }

  #logSlow(): void {
    const request = this.#queue.current?.request;
    if (request === undefined) return;
    request.action = 'sending response to client';
    request.info('client timed out (110: Connection timed out)');
  }

  #log(level: Level, text: string): void {
    this.#options.log.write(level, text, this);
  }

  #gone(): void {
    this.stream.destroy();
    this.#options.ended();
  }
}
