// The header of a syslog datagram, `<PRI>Mmm dd HH:MM:SS HOST TAG: ` (RFC 3164, section 4.1; logging, "syslog").
import { hostname } from 'node:os';
import type { ByteString } from '../../conf/directive.ts';
import type { Level } from '../log.ts';
import { SecondText, two } from '../second-text.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LF = 0x0a;

export interface SyslogHeaderSpec {
  /** 0 (kern) to 23 (local7). */
  readonly facility: number;
  readonly tag: ByteString;
  readonly nohostname: boolean;
}

/** Builds datagrams. */
export class SyslogHeader {
  readonly #facility: number;
  readonly #rest: string;
  readonly #time = new SecondText(syslogTime);

  /** @param host the name of this machine, put in lower case. */
  constructor(spec: SyslogHeaderSpec, host = hostname()) {
    this.#facility = spec.facility;
    this.#rest = spec.nohostname ? ` ${spec.tag}: ` : ` ${host.toLowerCase()} ${spec.tag}: `;
  }

  /**
   * The datagram of a record: header and record, without the record's newline. The severity is the record's level.
   * @param now milliseconds since 1970.
   */
  datagram(record: Buffer, level: Level, now = Date.now()): Buffer {
    const priority = this.#facility * 8 + level - 1;
    const head = Buffer.from(`<${priority}>${this.#time.at(now)}${this.#rest}`, 'latin1');
    const end = record.at(-1) === LF ? record.length - 1 : record.length;
    return Buffer.concat([head, record.subarray(0, end)]);
  }
}

/** Local time; the day is padded with a space: `Nov  4 02:14:43`. */
export function syslogTime(date: Date): string {
  const day = String(date.getDate()).padStart(2, ' ');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${MONTHS[date.getMonth()]} ${day} ${clock}`;
}
