// A log file that a running program appends to: read whole, or watched until a line appears.
import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { PATIENCE_MS } from './in-time.ts';

export class LogFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The whole lines so far, one byte per character: a read may see half of a write. Empty where there is no file. */
  text(): string {
    const text = readIfThere(this.path);
    return text.slice(0, text.lastIndexOf('\n') + 1);
  }

  /** Waits until the text matches. @returns the match */
  async wait(pattern: RegExp, ms = PATIENCE_MS): Promise<RegExpExecArray> {
    const found = await this.waitUntil((text) => pattern.exec(text) ?? undefined, ms);
    if (found === undefined) throw new Error(`${pattern} did not appear in ${this.path}:\n${this.text()}`);
    return found;
  }

  /** Waits until `look` finds what it wants in the text. @returns undefined when the deadline passed before */
  waitUntil<T>(look: (text: string) => T | undefined, ms: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const name = basename(this.path);
      const watcher = watch(dirname(this.path), (_event, file) => {
        if (file === name) check();
      });
      const timer = setTimeout(() => finish(look(this.text())), ms);
      const finish = (value: T | undefined): void => {
        clearTimeout(timer);
        watcher.close();
        resolve(value);
      };
      const check = (): void => {
        const value = look(this.text());
        if (value !== undefined) finish(value);
      };
      check();
    });
  }
}

/** It may go at any moment, as a pid file does. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
