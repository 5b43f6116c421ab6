// A line of a log.
import { LogLine } from '../../src/core/log-line.ts';

/** @param text with its end */
export function lineOf(text: string): LogLine {
  const line = new LogLine();
  line.text(text);
  return line;
}
