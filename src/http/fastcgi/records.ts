// FastCGI 1.0 records, as they are sent: the begin of a request, its parameters, its body.
import type { ByteString } from '../../conf/directive.ts';
import type { Outgoing, PassedBody } from '../upstream/outgoing.ts';

export const VERSION = 1;
export const HEADER_BYTES = 8;
export const MAX_CONTENT = 65_535;
/** One request at a time on a connection. */
export const REQUEST_ID = 1;

export const RecordType = { begin: 1, abort: 2, end: 3, params: 4, stdin: 5, stdout: 6, stderr: 7 } as const;

const RESPONDER = 1;
const KEEP_CONNECTION = 1;
/** Records are filled up to a multiple of this. */
const ALIGNMENT = 8;
/** A length from here on takes four bytes. */
const LONG = 128;
/** Of the content of a record that is not the last of its stream: it needs no padding. */
const FULL = MAX_CONTENT - (MAX_CONTENT % ALIGNMENT);

/** Content longer than a record holds becomes several. */
function records(type: number, content: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let from = 0; from < content.length; from += FULL) {
    const part = content.subarray(from, from + FULL);
    const padding = (ALIGNMENT - (part.length % ALIGNMENT)) % ALIGNMENT;
    out.push(header(type, part.length, padding), part);
    if (padding > 0) out.push(Buffer.alloc(padding));
  }
  return out;
}

function header(type: number, length: number, padding: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes[0] = VERSION;
  bytes[1] = type;
  bytes.writeUInt16BE(REQUEST_ID, 2);
  bytes.writeUInt16BE(length, 4);
  bytes[6] = padding;
  return bytes;
}

function lengthBytes(length: number): Buffer {
  if (length < LONG) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((length | 0x8000_0000) >>> 0);
  return bytes;
}

export type Parameters = readonly (readonly [name: ByteString, value: ByteString])[];

const END_OF_STDIN = header(RecordType.stdin, 0, 0);
const stdin = (piece: Buffer): readonly Buffer[] => records(RecordType.stdin, piece);

/** Everything that is said of a request, and its body. */
export function encodeRequest(
  parameters: Parameters,
  body: PassedBody | undefined,
  keepsConnection: boolean,
): Outgoing {
  const begin = Buffer.alloc(8);
  begin.writeUInt16BE(RESPONDER);
  begin[2] = keepsConnection ? KEEP_CONNECTION : 0;
  const pairs = parameters.flatMap(([nameText, valueText]) => {
    const name = Buffer.from(nameText, 'latin1');
    const value = Buffer.from(valueText, 'latin1');
    return [lengthBytes(name.length), lengthBytes(value.length), name, value];
  });
  const head = Buffer.concat([
    ...records(RecordType.begin, begin),
    ...records(RecordType.params, Buffer.concat(pairs)),
    header(RecordType.params, 0, 0),
  ]);
  return { head, body, frame: stdin, tail: END_OF_STDIN };
}
