// A line of a log.
import { LineBuffer } from '../../src/core/line-buffer.ts';

/** @param text with its end */
export function lineOf(text: string): LineBuffer {
  const line = new LineBuffer();
  line.text(text);
  return line;
}
