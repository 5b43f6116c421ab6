// The command phase: parses, executes, replies one command at a time.
import type { Connection, ConnHandler } from '../../net/connection.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { MailProtocol, ProtocolSession } from '../protocol.ts';
import type { SessionEnd } from '../session/end.ts';
import type { Session } from '../session/session.ts';
import type { BufferPool } from './buffer-pool.ts';
import { isHttpRequestLine } from './http-line.ts';
import { CommandInput } from './input.ts';
import { loggableBuffer } from './loggable.ts';
import { Parse } from './parse.ts';

/** Where the loop hands over. */
export interface CommandEvents {
  /** The session holds credentials: check them. */
  authenticate(): void;
  /** The reply is for the client in clear; then the handshake. */
  startTls(reply: Buffer): void;
  /** Sends the last line and closes. */
  finish(line: Buffer): void;
  /** The client is gone. */
  lost(error: Error | undefined): void;
  timedOut(): void;
}

/** What a client may do before it has logged in. */
export interface CommandLimits {
  /** Refused lines until the session is closed. */
  readonly maxErrors: number;
  /** The command behind these closes the session. */
  readonly maxCommands: number;
}

export class CommandLoop implements ConnHandler {
  readonly borrows = true;
  readonly #session: Session;
  #conn: Connection;
  readonly #name: MailProtocol['name'];
  readonly #protocol: ProtocolSession;
  readonly #input: CommandInput;
  readonly #limits: CommandLimits;
  readonly #events: CommandEvents;
  /** A reply waits for the client, or the loop has handed over. */
  #stopped = false;
  #eof = false;
  /** Whoever took over may hand back before the command at hand is done with. */
  #runs = false;
  /** Answers within SASL are none. */
  #commands = 0;

  constructor(
    session: Session,
    name: MailProtocol['name'],
    protocol: ProtocolSession,
    pool: BufferPool,
    limits: CommandLimits,
    events: CommandEvents,
  ) {
    this.#session = session;
    this.#conn = session.conn;
    this.#name = name;
    this.#protocol = protocol;
    this.#input = new CommandInput(pool, protocol.bufferSize);
    this.#limits = limits;
    this.#events = events;
  }

  /** Takes over the connection; goes on with what is there already. */
  enter(): void {
    this.#conn = this.#session.conn;
    this.#conn.handler = this;
    this.#stopped = false;
    this.#eof = this.#conn.ended; // it may have come while nobody listened
    if (!this.#runs) this.#run();
  }

  /** Everything that was read and not consumed; the loop keeps none of it. */
  takeUnread(): Buffer {
    return this.#input.take();
  }

  /** Drops what was read, and overwrites it: it may hold a password. */
  discard(): void {
    this.#input.discard();
  }

  onData(chunk: Buffer): void {
    this.#input.add(chunk);
    if (!this.#stopped) this.#run();
  }

  onDrain(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#run();
  }

  onEof(): void {
    this.#eof = true;
    if (!this.#stopped) this.#events.lost(undefined);
  }

  onTimeout(): void {
    this.#session.action = 'in auth state';
    this.#events.timedOut();
  }

  onClose(error: Error | undefined): void {
    this.#session.action = 'in auth state';
    this.#events.lost(error);
  }

  #run(): void {
    this.#runs = true;
    while (!this.#stopped) {
      const buffer = this.#input.next();
      if (buffer === undefined) {
        if (this.#eof) this.#events.lost(undefined);
        else this.#conn.resume();
        break;
      }
      this.#advance(buffer);
    }
    this.#runs = false;
  }

  #advance(buffer: LineBuffer): void {
    this.#session.action = 'in auth state';
    const state = this.#protocol.parse(buffer);
    switch (state) {
      case Parse.again:
        if (buffer.full) this.#tooLong(buffer);
        return;
      case Parse.literal:
        if (this.#protocol.literalReply !== undefined) this.#reply(this.#protocol.literalReply);
        return;
      case Parse.invalid:
      case Parse.ok:
        if (!this.#protocol.inSasl && ++this.#commands > this.#limits.maxCommands) this.#tooMany(buffer);
        else if (state === Parse.ok) this.#execute(buffer);
        else this.#invalid(buffer);
        break;
      default:
        state satisfies never;
    }
    if (!this.#protocol.keepsBuffer) this.#input.startOver();
  }

  #execute(buffer: LineBuffer): void {
    const outcome = this.#protocol.execute(buffer);
    switch (outcome.kind) {
      case 'reply':
        if (this.#isHttp(buffer)) this.#reject('http', this.#protocol.invalid(buffer));
        else this.#reply(outcome.bytes);
        return;
      case 'refused': {
        const http = this.#isHttp(buffer);
        const line = this.#protocol.invalid(buffer);
        if (http || outcome.closes) this.#reject(http ? 'http' : 'invalid_command', line);
        else this.#reply(line);
        return;
      }
      case 'quit':
        this.#last(outcome.bytes);
        return;
      case 'starttls':
        this.#stop();
        this.discard(); // what was pipelined in clear is never interpreted
        this.#events.startTls(outcome.bytes);
        return;
      case 'auth':
        this.#stop();
        this.#events.authenticate();
        return;
      default:
        outcome satisfies never;
    }
  }

  #invalid(buffer: LineBuffer): void {
    const session = this.#session;
    const http = this.#isHttp(buffer);
    const closes = this.#protocol.closesAfterInvalid;
    const line = this.#protocol.invalid(buffer);
    const tooMany = ++session.errors >= this.#limits.maxErrors;
    if (tooMany) {
      session.info('client sent too many invalid commands');
      session.counters?.limited('max_errors');
      this.#reject('too_many_errors', line);
    } else if (http || closes) this.#reject(http ? 'http' : 'invalid_command', line);
    else this.#reply(line);
  }

  /** A browser was made to speak to us: nothing more is read. Lines that complete a login are not asked. */
  #isHttp(buffer: LineBuffer): boolean {
    return isHttpRequestLine(buffer.data, this.#protocol.lineStart, buffer.pos);
  }

  #reject(why: SessionEnd, line: Buffer): void {
    this.#session.note(why);
    this.#last(line);
  }

  #last(line: Buffer): void {
    this.#stop();
    this.#events.finish(line);
  }

  #tooMany(buffer: LineBuffer): void {
    this.#session.info('client sent too many commands');
    this.#session.counters?.limited('max_commands');
    this.#reject('too_many_commands', this.#protocol.invalid(buffer));
  }

  #tooLong(buffer: LineBuffer): void {
    const text = loggableBuffer(this.#name, buffer.data.subarray(0, buffer.last), this.#protocol.inSasl);
    this.#session.info(`client sent too long command "${text}"`);
    this.#reject('command_too_long', this.#protocol.invalid(buffer));
  }

  #reply(bytes: Buffer): void {
    if (this.#conn.write(bytes)) return;
    this.#stop(); // until the client takes it
    if (this.#conn.ended) return;
    // Back in the stream it counts against the stream's limit, so that nothing more is read.
    this.#conn.unread(this.#input.takeRest());
  }

  #stop(): void {
    this.#stopped = true;
    this.#conn.pause();
  }
}
