// The log files of one configuration: a file named twice is opened once (logging, "DEST"; signals, "reopen").
import type { ByteString, SystemFault } from '../conf/directive.ts';
import { FileSink } from './log-sinks/file-sink.ts';
import { STDERR } from './log-sinks/log-descriptor.ts';

/** Which log could not be opened, and why: `open() "PATH" failed (2: No such file or directory)`. */
export interface LogOpenFault extends SystemFault {
  readonly path: ByteString;
}

export class LogFiles {
  readonly #files = new Map<ByteString, FileSink>();
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

  /** Opens every file anew, after a rotation. Those that fail keep their old descriptor. */
  reopenAll(): LogOpenFault[] {
    const faults: LogOpenFault[] = [];
    for (const [path, sink] of this.#files) {
      const fault = sink.reopen();
      if (fault !== undefined) faults.push({ path, errno: fault.errno });
    }
    return faults;
  }

  /** Records written later are lost. */
  closeAll(): void {
    this.#stderr?.close();
    for (const sink of this.#files.values()) sink.close();
  }
}
