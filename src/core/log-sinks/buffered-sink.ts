// Lines of a log gathered in memory before they are written, and packed with gzip where that is wanted.
import type { Sink } from '../log.ts';
import type { FileSink } from './file-sink.ts';

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

/** Writes whole lines only. Packed, each write is a member of its own: the file can be read at any time. */
export class BufferedSink implements Sink {
  readonly #file: FileSink;
  readonly #spec: BufferSpec;
  #lines: Buffer[] = [];
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: FileSink, spec: BufferSpec) {
    this.#file = file;
    this.#spec = spec;
  }

  write(line: Buffer): void {
    const { size, flushMs } = this.#spec;
    if (line.length > size - this.#held) this.flush();
    if (line.length > size) {
      this.#put(line);
      return;
    }
    this.#lines.push(line);
    this.#held += line.length;
    if (flushMs === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.flush(), flushMs);
    this.#timer.unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#held === 0) return;
    const lines = Buffer.concat(this.#lines, this.#held);
    this.#lines = [];
    this.#held = 0;
    this.#put(lines);
  }

  #put(lines: Buffer): void {
    const { gzipLevel } = this.#spec;
    this.#file.write(gzipLevel === undefined ? lines : pack(lines, gzipLevel));
  }
}

/** Few logs are packed, so that what does it is loaded when one is. */
const pack = (lines: Buffer, level: number): Buffer => process.getBuiltinModule('node:zlib').gzipSync(lines, { level });
