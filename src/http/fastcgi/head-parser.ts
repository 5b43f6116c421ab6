// The header lines of a CGI answer (RFC 3875 section 6): ended by an empty line, with or without a CR in each end.
import type { ByteString } from '../../conf/directive.ts';

export interface CgiHead {
  readonly status: number;
  /** Empty: the usual one. */
  readonly reason: ByteString;
  readonly fields: readonly (readonly [name: ByteString, value: ByteString])[];
}

/** A head that cannot be used, in nginx's words. */
export class CgiFault {
  readonly text: ByteString;
  constructor(text: ByteString) {
    this.text = text;
  }
}

const LF = 10;
/** Some servers send one before the lines; it counts for nothing. */
const STATUS_LINE = /^HTTP\//;
const NAME = /^[A-Za-z0-9_-]+$/;
/** How much of a broken line the log shows. */
const SHOWN = 64;

export class CgiHeadParser {
  readonly #max: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  readonly #fields: [ByteString, ByteString][] = [];

  /** @param max bytes of all lines together */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Takes more of the output.
   * @returns undefined: the head goes on; otherwise it and the first of the body
   */
  feed(chunk: Buffer): { readonly head: CgiHead; readonly rest: Buffer } | CgiFault | undefined {
    let from = 0;
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, from)) {
      const line = this.#line(chunk.subarray(from, lf));
      from = lf + 1;
      if (line === undefined) return new CgiFault('upstream sent too big header');
      if (line === '') {
        const head = headOf(this.#fields);
        return head instanceof CgiFault ? head : { head, rest: chunk.subarray(from) };
      }
      const fault = STATUS_LINE.test(line) ? undefined : this.#field(line);
      if (fault !== undefined) return fault;
    }
    this.#length += chunk.length - from;
    if (this.#length > this.#max) return new CgiFault('upstream sent too big header');
    this.#chunks.push(Buffer.from(chunk.subarray(from)));
    return undefined;
  }

  /** @returns undefined: too long */
  #line(end: Buffer): ByteString | undefined {
    this.#length += end.length + 1;
    if (this.#length > this.#max) return undefined;
    const line = Buffer.concat([...this.#chunks, end]).toString('latin1');
    this.#chunks.length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  #field(line: ByteString): CgiFault | undefined {
    const colon = line.includes(':') ? line.indexOf(':') : line.length; // without one, all of it is the name
    const name = line.slice(0, colon);
    if (!NAME.test(name) || line.includes('\0')) {
      return new CgiFault(`upstream sent invalid header: "${shown(line)}"`);
    }
    this.#fields.push([name, line.slice(colon + 1).trim()]);
    return undefined;
  }
}

/** Up to the byte that is wrong. */
function shown(line: ByteString): ByteString {
  const [good = ''] = /^[A-Za-z0-9_-]*/.exec(line) ?? [];
  const upTo = line.slice(0, Math.min(SHOWN, good.length + 1));
  return `${upTo.replace(/[^!-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}...`;
}

function headOf(fields: readonly (readonly [ByteString, ByteString])[]): CgiHead | CgiFault {
  const find = (key: string): ByteString | undefined => fields.find(([name]) => name.toLowerCase() === key)?.[1];
  const text = find('status');
  if (text !== undefined) {
    const [, code = '', reason = ''] = /^(\d{3})(?:\s+(.*))?$/s.exec(text) ?? [];
    // After an interim answer the client would take that to its next request for this one's.
    if (code === '' || Number(code) < 200) return new CgiFault(`upstream sent invalid status "${text}"`);
    return { status: Number(code), reason, fields };
  }
  return { status: find('location') === undefined ? 200 : 302, reason: '', fields };
}
