// The log files of one configuration: a file named twice is opened once (logging, "DEST"; signals, "reopen").
import type { ByteString, SystemFault } from '../conf/directive.ts';
import { BufferedSink, type BufferSpec } from './log-sinks/buffered-sink.ts';
import { FileSink } from './log-sinks/file-sink.ts';
import { STDERR } from './log-sinks/log-descriptor.ts';

/** Which log could not be opened, and why: `open() "PATH" failed (2: No such file or directory)`. */
export interface LogOpenFault extends SystemFault {
  readonly path: ByteString;
}

export class LogFiles {
  readonly #files = new Map<ByteString, FileSink>();
  readonly #buffers = new Map<ByteString, BufferedSink>();
  #stderr: FileSink | undefined;

  /** The sink of an absolute path, always the same one; it is opened by `openAll`. */
  file(path: ByteString): FileSink {
    let sink = this.#files.get(path);
    if (sink === undefined) {
      sink = new FileSink(path);
      this.#files.set(path, sink);
    }
    return sink;
  }

  /** What gathers lines for a file; who names the path again shares it, whatever the spec. */
  buffered(path: ByteString, spec: BufferSpec): BufferedSink {
    let buffer = this.#buffers.get(path);
    if (buffer === undefined) {
      buffer = new BufferedSink(this.file(path), spec);
      this.#buffers.set(path, buffer);
    }
    return buffer;
  }

  /** The sink of the standard error; it is opened by `openAll`. */
  stderr(): FileSink {
    this.#stderr ??= new FileSink(STDERR);
    return this.#stderr;
  }

  /** Of the files. */
  get paths(): readonly ByteString[] {
    return [...this.#files.keys()];
  }

  /** Whether a log is written to the standard error. */
  get usesStderr(): boolean {
    return this.#stderr !== undefined;
  }

  /** Opens them in the order of their first mention. Stops at the first that fails; what is open stays open. */
  openAll(): LogOpenFault | undefined {
    this.#stderr?.open();
    for (const [path, sink] of this.#files) {
      const fault = sink.open();
      if (fault !== undefined) return { path, errno: fault.errno };
    }
    return undefined;
  }

  /** Opens every file anew, after a rotation; what was gathered goes to the old one. Those that fail keep their old descriptor. */
  reopenAll(): LogOpenFault[] {
    this.#flush();
    const faults: LogOpenFault[] = [];
    for (const [path, sink] of this.#files) {
      const fault = sink.reopen();
      if (fault !== undefined) faults.push({ path, errno: fault.errno });
      else this.#buffers.get(path)?.reopened();
    }
    return faults;
  }

  /** Records written later are lost. */
  closeAll(): void {
    this.#flush();
    this.#stderr?.close();
    for (const sink of this.#files.values()) sink.close();
  }

  #flush(): void {
    for (const buffer of this.#buffers.values()) buffer.flush();
  }
}
