// DNS messages (RFC 1035, section 4): the query that we send; header, question, records and names of a response.
import type { ByteString } from '../../conf/directive.ts';

export const RecordType = {
  a: 1,
  cname: 5,
  ptr: 12,
  aaaa: 28,
  dname: 39,
} as const;

const CLASS_IN = 1;
const HEADER_SIZE = 12;
/** Of a name on the wire, its length bytes and the final zero included (RFC 1035, section 2.3.4). */
const MAX_NAME = 255;
const MAX_LABEL = 63;
/** A name that jumps more often is a loop. */
const MAX_POINTERS = 128;
/** Name (a pointer), type, class, TTL and data length: no record is shorter. */
const MIN_RECORD = 12;
const POINTER = 0xc0;

/** A response that is not to be believed. `text` is the line that nginx logs. */
export class Malformed {
  readonly text: ByteString;
  constructor(text: ByteString) {
    this.text = text;
  }
}

export const SHORT = new Malformed('short DNS response');

export interface Header {
  readonly id: number;
  readonly flags: number;
  readonly questions: number;
  readonly answers: number;
}

export interface Question {
  /** In lower case, without the final dot. */
  readonly name: ByteString;
  readonly type: number;
  /** Where the answer section begins. */
  readonly end: number;
}

export interface ResourceRecord {
  readonly type: number;
  /** In seconds. */
  readonly ttl: number;
  /** The data, within the message: names in it point back into the message. */
  readonly start: number;
  readonly end: number;
}

/** Whether a name can be asked for: labels of 1 to 63 bytes, at most 255 bytes in all. No final dot. */
export function isEncodable(name: ByteString): boolean {
  return name.length + 2 <= MAX_NAME && name.split('.').every((label) => label.length > 0 && label.length <= MAX_LABEL);
}

/** A recursive query for one name and type. The name must be encodable. */
export function encodeQuery(id: number, name: ByteString, type: number): Buffer {
  const query = Buffer.alloc(HEADER_SIZE + name.length + 2 + 4);
  query.writeUInt16BE(id, 0);
  query.writeUInt16BE(0x0100, 2); // RD
  query.writeUInt16BE(1, 4);
  let at = HEADER_SIZE;
  for (const label of name.split('.')) {
    at = query.writeUInt8(label.length, at);
    at += query.write(label, at, 'latin1');
  }
  at = query.writeUInt8(0, at);
  at = query.writeUInt16BE(type, at);
  query.writeUInt16BE(CLASS_IN, at);
  return query;
}

export function readHeader(message: Buffer): Header | Malformed {
  if (message.length < HEADER_SIZE) return SHORT;
  return {
    id: message.readUInt16BE(0),
    flags: message.readUInt16BE(2),
    questions: message.readUInt16BE(4),
    answers: message.readUInt16BE(6),
  };
}

/** QR, OPCODE, Z, AD and CD. A response to us has QR set and none of the others. */
const FLAGS_MASK = 0xf870;
const FLAGS_RESPONSE = 0x8000;
const FLAG_TRUNCATED = 0x0200;

export function isTruncated(header: Header): boolean {
  return (header.flags & FLAG_TRUNCATED) !== 0;
}

/** The line that nginx logs about flags that no response to us has; undefined where they are good. */
export function badFlags(header: Header, overTcp: boolean): string | undefined {
  if ((header.flags & FLAGS_MASK) === FLAGS_RESPONSE && !(overTcp && isTruncated(header))) return undefined;
  const flags = header.flags.toString(16).toUpperCase().padStart(4, '0');
  return `invalid ${overTcp ? 'TCP' : 'UDP'} DNS response ${header.id} fl:${flags}`;
}

/** The only question. A response that cannot hold the records that its header promises is refused here already. */
export function readQuestion(message: Buffer, header: Header): Question | Malformed {
  if (header.questions !== 1) return new Malformed('invalid number of questions in DNS response');
  const labels: string[] = [];
  let at = HEADER_SIZE;
  for (;;) {
    const length = message[at];
    if (length === undefined) return SHORT;
    at++;
    if (length === 0) break;
    if (length > MAX_LABEL) return new Malformed('unexpected compression pointer in DNS response');
    labels.push(lowerCase(message, at, at + length));
    at += length;
  }
  if (labels.length === 0) return new Malformed('zero-length domain name in DNS response');
  const end = at + 4;
  if (end + header.answers * MIN_RECORD > message.length) return SHORT;
  const recordClass = message.readUInt16BE(at + 2);
  if (recordClass !== CLASS_IN) return new Malformed(`unknown query class ${recordClass} in DNS response`);
  return { name: labels.join('.'), type: message.readUInt16BE(at), end };
}

/** The record at `at`. Its owner is passed over: it may be another name than the one asked for. */
export function readRecord(message: Buffer, at: number): ResourceRecord | Malformed {
  let fixed = at;
  for (;;) {
    const length = message[fixed];
    if (length === undefined) return SHORT;
    fixed += length > MAX_LABEL ? 2 : 1 + length;
    if (length === 0 || length > MAX_LABEL) break;
  }
  const start = fixed + 10;
  if (start > message.length) return SHORT;
  const recordClass = message.readUInt16BE(fixed + 2);
  if (recordClass !== CLASS_IN) return new Malformed(`unexpected RR class ${recordClass} in DNS response`);
  const end = start + message.readUInt16BE(fixed + 8);
  if (end > message.length) return SHORT;
  return {
    type: message.readUInt16BE(fixed),
    ttl: Math.max(0, message.readInt32BE(fixed + 4)), // a TTL with the highest bit is 0 (RFC 2181, section 8)
    start,
    end,
  };
}

/** The name in a record's data, compressed or not: in lower case, without the final dot; the root is empty. */
export function readName(message: Buffer, record: ResourceRecord): ByteString | Malformed {
  if (record.start === record.end) return SHORT;
  const labels: string[] = [];
  let size = 1;
  let pointers = 0;
  let at = record.start;
  for (;;) {
    const length = message[at];
    if (length === undefined) return new Malformed('name is out of DNS response');
    at++;
    if (length === 0) return labels.join('.');
    if (length <= MAX_LABEL) {
      if (at + length > message.length) return new Malformed('name is out of DNS response');
      size += 1 + length;
      if (size > MAX_NAME) return new Malformed('name is too long in DNS response');
      labels.push(lowerCase(message, at, at + length));
      at += length;
      continue;
    }
    const low = message[at];
    if ((length & POINTER) !== POINTER) return new Malformed('invalid label type in DNS response');
    if (low === undefined) return new Malformed('name is out of DNS response');
    if (++pointers > MAX_POINTERS) return new Malformed('compression pointers loop in DNS response');
    at = ((length & ~POINTER) << 8) | low;
  }
}

/** ASCII letters only; the other bytes stay as they are. */
function lowerCase(message: Buffer, start: number, end: number): ByteString {
  return message.toString('latin1', start, end).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
