// Lines of a log.
import { LogLine } from '../../src/core/log-line.ts';

/** One that is for nobody. */
export function lineOf(text: string): LogLine {
  const line = new LogLine();
  line.text(text);
  return line;
}

/** What takes lines: a log, or what gathers them. */
interface Taker<T> {
  readonly line: LogLine;
  end(): T;
}

/** @param text with its end @returns what came of it */
export function put<T>(taker: Taker<T>, text: string): T {
  taker.line.begin();
  taker.line.text(text);
  return taker.end();
}
