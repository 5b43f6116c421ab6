// A log file, or the standard error, written through pino's destination (logging, "Record format" and "Reopen").
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { systemError } from '../errno.ts';
import type { Sink } from '../log.ts';
import { endsWithLine } from './line-end.ts';
import { type Pino, pino } from './load-pino.ts';
import { closeLog, openLog, ownDescriptor, STDERR } from './log-descriptor.ts';
import type { WriteFault } from './write-fault.ts';

/** What it takes with `contentMode: 'buffer'`; its own declaration knows strings only. */
declare module 'sonic-boom' {
  interface SonicBoom {
    write(record: Buffer): boolean;
  }
}

type SonicBoom = ReturnType<Pino['destination']>;

const EAGAIN = 11;
const ENOSPC = 28;
/** sonic-boom sleeps 100 ms before each. */
const MAX_RETRIES = 1;
/** A pipe takes no part of what is not longer. */
const PIPE_BUF = 4096;
const NEWLINE = Buffer.from('\n');

/** Seconds since 1970. */
const wallClock = (): number => Math.floor(Date.now() / 1000);

/**
 * Appends each record by one write(2) and never throws. A record that cannot be written is lost. After "no space left"
 * the log is skipped until the clock's second changes; so it is when a pipe stays full for 100 ms, which costs a
 * process at most a tenth of its time where the reader has stopped.
 */
export class FileSink implements Sink {
  /** The absolute path; undefined for the standard error. */
  readonly path: ByteString | undefined;
  readonly #target: ByteString | typeof STDERR;
  readonly #clock: () => number;
  #fd = -1;
  #out: SonicBoom | undefined;
  #retries = 0;
  /** Of the record at hand. */
  #written = 0;
  #failure: Error | undefined;
  /** What came of the last record that was tried; undefined: all of it was written. */
  #last: WriteFault | undefined;
  /** The second in which nothing more is written, or -1. */
  #skipped = -1;

  /** Opens nothing yet. @param clock the time in whole seconds. */
  constructor(target: ByteString | typeof STDERR, clock: () => number = wallClock) {
    this.path = target === STDERR ? undefined : target;
    this.#target = target;
    this.#clock = clock;
  }

  /** Opens the file in append mode, or gives the errno. Opening twice does nothing. */
  open(): SystemFault | undefined {
    return this.#fd === -1 ? this.#attach() : undefined;
  }

  /** Opens the path anew, after the old file was moved. On failure the old descriptor stays in use; so do our own. */
  reopen(): SystemFault | undefined {
    return this.#fd !== -1 && ownDescriptor(this.#target) !== undefined ? undefined : this.#attach();
  }

  /** Records written later are lost. */
  close(): void {
    closeLog(this.#fd);
    this.#fd = -1;
    this.#out = undefined;
  }

  /** Begins a line of its own, whatever is left of another record, be it another process's. */
  write(record: Buffer): WriteFault | undefined {
    return this.append(this.#isCut ? Buffer.concat([NEWLINE, record]) : record);
  }

  /** Goes on where the last one ended. */
  append(record: Buffer): WriteFault | undefined {
    if (this.#fd === -1) return undefined;
    const { length } = record;
    if (this.#isSkipped) return { errno: this.#last?.errno ?? 0, written: 0, length };
    this.#skipped = -1;
    this.#retries = 0;
    this.#written = 0;
    this.#out ??= this.#destination(this.#fd);
    this.#out.write(record);
    const failure = this.#failure;
    this.#failure = undefined;
    this.#last = failure && { errno: systemError(failure)?.errno ?? 0, written: this.#written, length };
    return this.#last;
  }

  get #isSkipped(): boolean {
    return this.#skipped !== -1 && this.#skipped === this.#clock();
  }

  /** Looked for only after something was wrong. */
  get #isCut(): boolean {
    const last = this.#last;
    if (last === undefined || this.#fd === -1 || this.#isSkipped) return false;
    return !(endsWithLine(this.#fd) ?? (last.written === 0 && last.length <= PIPE_BUF));
  }

  #attach(): SystemFault | undefined {
    const fd = openLog(this.#target);
    if (typeof fd !== 'number') return fd;
    closeLog(this.#fd);
    this.#fd = fd;
    this.#out = undefined;
    return undefined;
  }

  /** Opened by us and not by pino: its `reopen` leaks a listener for every failure, and it takes no bytes for a path. */
  #destination(fd: number): SonicBoom {
    const out = pino().destination({
      dest: fd,
      sync: true,
      contentMode: 'buffer',
      // Without this a full pipe is retried for ever.
      retryEAGAIN: () => this.#retries++ < MAX_RETRIES,
    });
    out.on('write', (bytes: number) => {
      this.#written += bytes;
    });
    out.on('error', (error: Error) => {
      // pino emits some errors twice; the second finds another destination in place.
      if (out === this.#out) this.#failed(error);
    });
    return out;
  }

  /** sonic-boom keeps what it could not write and would write it later, so that its memory grows: start a new one. */
  #failed(error: Error): void {
    this.#failure = error;
    this.#out = this.#destination(this.#fd);
    const errno = systemError(error)?.errno;
    if (errno === ENOSPC || errno === EAGAIN) this.#skipped = this.#clock();
  }
}
