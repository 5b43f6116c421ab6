// Lines of a log gathered in memory before they are written, and packed with gzip where that is wanted.
import { LogLine } from '../log-line.ts';
import type { FileSink } from './file-sink.ts';
import type { WriteFault } from './write-fault.ts';

export interface BufferSpec {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds after which a line is written even so; undefined: it waits for others. */
  readonly flushMs: number | undefined;
  /** 1 to 9; undefined: not packed. */
  readonly gzipLevel: number | undefined;
}

export const isSameBuffer = (a: BufferSpec, b: BufferSpec): boolean =>
  a.size === b.size && a.flushMs === b.flushMs && a.gzipLevel === b.gzipLevel;

const FIRST_BYTES = 65_536;
/** For the line that does not fit any more. */
const SPARE_BYTES = 4096;

/** Writes whole lines only. Packed, each write is a member of its own: the file can be read at any time. */
export class BufferedSink {
  readonly #file: FileSink;
  readonly #spec: BufferSpec;
  /** Where lines are made and wait. As large as it has had to be: few logs ever fill what they may. */
  readonly line: LogLine;
  #timer: NodeJS.Timeout | undefined;
  /** What a full disk has left of a packed member: it comes first, or nothing behind it could be read. */
  #rest: Buffer | undefined;
  /** Hears of what was wrong with lines that were gathered. */
  onFault: (fault: WriteFault) => void = () => {};

  constructor(file: FileSink, spec: BufferSpec) {
    this.#file = file;
    this.#spec = spec;
    this.line = new LogLine(Math.min(spec.size, FIRST_BYTES) + SPARE_BYTES, spec.size + SPARE_BYTES);
  }

  /** The line at hand is complete, with its end. @returns what was wrong with those that had to be written now */
  end(): WriteFault | undefined {
    const { line } = this;
    const { size, flushMs } = this.#spec;
    const fault = line.length > size - line.waiting ? this.#flush() : undefined;
    const isLong = line.length > size;
    line.keep();
    if (isLong) return this.#flush() ?? fault;
    if (flushMs !== undefined && this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), flushMs);
      this.#timer.unref();
    }
    return fault;
  }

  flush(): void {
    const fault = this.#flush();
    if (fault !== undefined) this.onFault(fault);
  }

  /** The file is another one: what was left of a member belongs to the old one. */
  reopened(): void {
    this.#rest = undefined;
  }

  #flush(): WriteFault | undefined {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.line.waiting === 0) return undefined;
    try {
      return this.#put(this.line.kept);
    } finally {
      this.line.forgetKept();
    }
  }

  #put(lines: Buffer): WriteFault | undefined {
    const { gzipLevel } = this.#spec;
    if (gzipLevel === undefined) return this.#file.write(lines);
    return this.#putRest() ?? this.#putPacked(pack(lines, gzipLevel));
  }

  #putRest(): WriteFault | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    const fault = rest && this.#putPacked(rest);
    // None of it was written: it is still the rest.
    if (fault !== undefined) this.#rest ??= rest;
    return fault;
  }

  #putPacked(member: Buffer): WriteFault | undefined {
    const fault = this.#file.append(member);
    if (fault !== undefined && fault.written > 0) this.#rest = member.subarray(fault.written);
    return fault;
  }
}

/** Few logs are packed, so that what does it is loaded when one is. */
const pack = (lines: Buffer, level: number): Buffer => process.getBuiltinModule('node:zlib').gzipSync(lines, { level });
