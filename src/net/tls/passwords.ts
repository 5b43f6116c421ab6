// The file of ssl_password_file: a pass phrase a line.
import { type ByteString, type ConfCursor, type Fault, whole, withReason } from '../../conf/directive.ts';

/** A line over this many bytes is refused. */
const MAX_LINE = 4096;
const LF = 10;
const CR = 13;

/** Empty lines do not count. The buffers are kept as long as the configuration is read. */
export function readPasswords(cf: ConfCursor, file: ByteString): readonly Buffer[] | Fault {
  const path = cf.confPath(file);
  const data = cf.env.readFile(path);
  if (!Buffer.isBuffer(data)) return whole(withReason(`open() "${path}" failed`, data));
  const lines: Buffer[] = [];
  for (let start = 0; start < data.length; ) {
    const lf = data.indexOf(LF, start);
    const next = lf === -1 ? data.length : lf + 1;
    let end = lf === -1 ? data.length : lf;
    if (end > start && data[end - 1] === CR) end--;
    if (end - start >= MAX_LINE) return whole(`too long line in "${path}"`);
    if (end > start) lines.push(Buffer.from(data.subarray(start, end)));
    start = next;
  }
  return lines;
}
