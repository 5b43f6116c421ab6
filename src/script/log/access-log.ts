// One access_log: its destination, its format and its condition.
import type { ByteString } from '../../conf/directive.ts';
import type { LineTarget, LineWriter } from '../../core/log-book.ts';
import { LogLine } from '../../core/log-line.ts';
import type { BufferSpec } from '../../core/log-sinks/buffered-sink.ts';
import type { LineFault } from '../../core/log-sinks/write-fault.ts';
import type { Value } from '../value.ts';
import type { LogFormat } from './format.ts';
import { type Logged, NamedFile } from './named-file.ts';

/** What a process lends to its access logs. */
export interface LineOpener {
  /** Files are opened when all servers have said what they need. */
  openLines(target: LineTarget): LineWriter;
}

export class AccessLog<S extends Logged> {
  /** What a worker opens; undefined: a name that each line makes. */
  readonly target: LineTarget | undefined;
  readonly #named: NamedFile<S> | undefined;
  readonly #format: LogFormat<S>;
  readonly #action: string;
  readonly #condition: Value<S> | undefined;
  #writer: LineWriter = { line: new LogLine(), end: () => undefined };

  /** @param action what the error log says is being done, where a line cannot be written */
  constructor(destination: LineTarget | NamedFile<S>, format: LogFormat<S>, action: string, condition?: Value<S>) {
    this.target = destination instanceof NamedFile ? undefined : destination;
    this.#named = destination instanceof NamedFile ? destination : undefined;
    this.#format = format;
    this.#action = action;
    this.#condition = condition;
  }

  /** @param buffers by the path of the file */
  open(opener: LineOpener, buffers: ReadonlyMap<ByteString, BufferSpec>): void {
    const { target } = this;
    if (target === undefined) return;
    this.#writer = opener.openLines(target.kind === 'file' ? { ...target, buffer: buffers.get(target.path) } : target);
  }

  record(subject: S): void {
    if (this.#condition !== undefined) {
      const value = this.#condition.of(subject);
      if (value === '' || value === '0') return;
    }
    const { line } = this.#writer;
    line.begin();
    this.#format.write(subject, line);
    if (this.#named === undefined) {
      const fault = this.#writer.end();
      if (fault !== undefined) this.#tell(subject, fault);
    } else {
      this.#named.append(subject, line.toBuffer());
      line.clear(); // what a long one took
    }
  }

  #tell(subject: S, fault: LineFault): void {
    subject.action = this.#action;
    subject.log.write(fault.level, fault.text, subject);
    subject.action = undefined;
  }
}
