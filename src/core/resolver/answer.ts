// What the answer section of a DNS response says: the name of an address, or the addresses of a name.
import type { ByteString } from '../../conf/directive.ts';
import { formatIp } from '../ip.ts';
import { Malformed, type Question, RecordType, type ResourceRecord, readName, readRecord, SHORT } from './message.ts';

/** The answer to one question. */
export interface Answer {
  /** 0, or why there is none (an RCODE). */
  readonly code: number;
  /** PTR: the first name. */
  readonly name?: ByteString;
  readonly addresses: readonly string[];
  /** The last CNAME. */
  readonly alias?: ByteString;
  /** In seconds, the least of the records that count; undefined where there are none. */
  readonly ttl?: number;
}

/** No records at all. */
export const EMPTY: Answer = { code: 0, addresses: [] };
/** Records, and none of use. */
export const USELESS: Answer = { code: 0, addresses: [] };

/** A hostile response may hold thousands of records that nobody asked for: so many of them are logged. */
const MAX_NOTES = 10;

type Note = (text: ByteString) => void;

function bounded(note: Note): Note {
  let left = MAX_NOTES;
  return (text) => {
    if (left-- > 0) note(text);
  };
}

/**
 * The first PTR record. CNAME records before it lead to it in classless delegation (RFC 2317).
 * @param note takes the text about a record that is passed over
 */
export function readPointer(message: Buffer, at: number, count: number, note: Note): Answer | Malformed {
  const pass = bounded(note);
  let next = at;
  for (let i = 0; i < count; i++) {
    const record = readRecord(message, next);
    if (record instanceof Malformed) return record;
    next = record.end;
    if (record.type === RecordType.ptr) {
      const name = readName(message, record);
      return name instanceof Malformed ? name : { code: 0, name, addresses: [], ttl: record.ttl };
    }
    if (record.type !== RecordType.cname) pass(`unexpected RR type ${record.type} in DNS response`);
  }
  return new Malformed('no PTR type in DNS response');
}

/** All addresses of the family that was asked for, and the last CNAME; `USELESS` is noted here. */
export function readAddresses(message: Buffer, question: Question, count: number, note: Note): Answer | Malformed {
  const pass = bounded(note);
  const addresses: string[] = [];
  let cname: ResourceRecord | undefined;
  let ttl = Number.POSITIVE_INFINITY;
  let next = question.end;
  for (let i = 0; i < count; i++) {
    const record = readRecord(message, next);
    if (record instanceof Malformed) return record;
    next = record.end;
    if (record.type === RecordType.a || record.type === RecordType.aaaa) {
      const address = readAddress(message, question, record);
      if (address instanceof Malformed) return address;
      addresses.push(address);
    } else if (record.type === RecordType.cname) {
      if (record.start === record.end) return SHORT;
      cname = record; // read when it is needed: names that jump about are costly
    } else {
      if (record.type !== RecordType.dname) pass(`unexpected RR type ${record.type} in DNS response`);
      continue;
    }
    ttl = Math.min(ttl, record.ttl);
  }
  if (addresses.length > 0) return { code: 0, addresses, ttl };
  if (cname !== undefined) {
    const alias = readName(message, cname);
    return alias instanceof Malformed ? alias : { code: 0, addresses, alias, ttl };
  }
  note('no A or CNAME types in DNS response');
  return USELESS;
}

function readAddress(message: Buffer, question: Question, record: ResourceRecord): string | Malformed {
  const [family, size] = record.type === RecordType.a ? ['A', 4] : ['AAAA', 16];
  if (record.type !== question.type) return new Malformed(`unexpected ${family} record in DNS response`);
  if (record.end - record.start !== size) return new Malformed(`invalid ${family} record in DNS response`);
  return formatIp(message.subarray(record.start, record.end));
}
