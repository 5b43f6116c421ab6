// The log before the configuration is read: the file of -e, with a copy of what matters on stderr.
import type { ByteString } from '../conf/directive.ts';
import { errnoSuffix } from './errno.ts';
import { Level, RecordFormat } from './log.ts';
import { FileSink } from './log-sinks/file-sink.ts';
import { STDERR } from './log-sinks/log-descriptor.ts';

const NAMES = Object.entries(Level);

/** Records up to warn are copied to stderr as `nginx: [level] text`, unless the log is stderr itself. */
export class StartupLog {
  readonly #level: Level;
  readonly #records = new RecordFormat();
  #sink: FileSink;
  #copies: boolean;

  /**
   * @param path absolute, or `stderr`
   * @param level notice, or info while a configuration is tested
   */
  constructor(path: ByteString, level: Level) {
    this.#level = level;
    this.#copies = path !== 'stderr';
    this.#sink = new FileSink(path === 'stderr' ? STDERR : path);
    const fault = this.#sink.open();
    if (fault === undefined) return;
    process.stderr.write(
      `nginx: [alert] could not open error log file: open() "${path}" failed${errnoSuffix(fault.errno)}\n`,
      'latin1',
    );
    this.#copies = false;
    this.#sink = new FileSink(STDERR);
    this.#sink.open();
  }

  write(level: Level, text: ByteString): void {
    if (level <= this.#level) this.#sink.write(this.#records.format(level, text));
    if (this.#copies) copyToStderr(level, text);
  }

  close(): void {
    this.#sink.close();
  }
}

/** What a user at the terminal sees of a record. */
export function copyToStderr(level: Level, text: ByteString): void {
  if (level > Level.warn) return;
  const name = NAMES.find(([, value]) => value === level)?.[0] ?? '';
  process.stderr.write(`nginx: [${name}] ${text}\n`, 'latin1');
}
