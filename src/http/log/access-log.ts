// One access_log: its destination, its format and its condition.
import type { ByteString } from '../../conf/directive.ts';
import type { LineTarget, LineWriter } from '../../core/log-book.ts';
import type { BufferSpec } from '../../core/log-sinks/buffered-sink.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpValue } from '../script.ts';
import type { HttpWorker } from '../worker.ts';
import type { LogFormat } from './format.ts';
import { NamedFile } from './named-file.ts';

export class AccessLog {
  /** What a worker opens; undefined: a name that each request makes. */
  readonly target: LineTarget | undefined;
  readonly #named: NamedFile | undefined;
  readonly #format: LogFormat;
  readonly #condition: HttpValue | undefined;
  #write: LineWriter = () => {};

  constructor(destination: LineTarget | NamedFile, format: LogFormat, condition?: HttpValue) {
    this.target = destination instanceof NamedFile ? undefined : destination;
    this.#named = destination instanceof NamedFile ? destination : undefined;
    this.#format = format;
    this.#condition = condition;
  }

  /** @param buffers by the path of the file */
  open(worker: HttpWorker, buffers: ReadonlyMap<ByteString, BufferSpec>): void {
    const { target } = this;
    if (target === undefined) return;
    this.#write = worker.openLines(target.kind === 'file' ? { ...target, buffer: buffers.get(target.path) } : target);
  }

  record(request: HttpRequest): void {
    if (this.#condition !== undefined) {
      const value = this.#condition.of(request);
      if (value === '' || value === '0') return;
    }
    const line = Buffer.from(`${this.#format.line(request)}\n`, 'latin1');
    if (this.#named === undefined) this.#write(line);
    else this.#named.append(request, line);
  }
}
