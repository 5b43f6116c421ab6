// Whether the head of a request fits into the buffers that a server has for it (large_client_header_buffers).
import type { ByteString } from '../../conf/directive.ts';
import type { ClientSrv } from '../connection/client-module.ts';

export interface HeadFault {
  readonly status: 414 | 494;
  readonly text: ByteString;
}

/** As much of a line as a record has room for. */
const SHOWN = 1748;
const CRLF = 2;

/** @param lines names and values in turn */
export function checkHead(
  requestLine: ByteString,
  lines: readonly ByteString[],
  { clientHeaderBufferSize, largeClientHeaderBuffers: { number, size }, maxHeaders }: ClientSrv,
): HeadFault | undefined {
  let room = clientHeaderBufferSize;
  let used = 0;
  const fits = (length: number): boolean => {
    if (length <= room) {
      room -= length;
      return true;
    }
    used++;
    room = size - length;
    return used <= number && room >= 0;
  };
  if (!fits(requestLine.length + CRLF)) return { status: 414, text: 'client sent too long URI' };
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const line = `${lines[i]}: ${lines[i + 1]}`;
    if (!fits(line.length + CRLF)) {
      return { status: 494, text: `client sent too long header line: "${line.slice(0, Math.min(SHOWN, size))}..."` };
    }
  }
  return lines.length / 2 > maxHeaders ? { status: 494, text: 'client sent too many header lines' } : undefined;
}
