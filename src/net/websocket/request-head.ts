// The head of the request that asks for a WebSocket, where nothing else of HTTP is spoken (RFC 9112, 2 to 5).
import type { ByteString } from '../../conf/directive.ts';
import type { HandshakeRequest } from './handshake.ts';

/** Bytes of a head, and lines in it. */
export const MAX_HEAD = 8192;
const MAX_FIELDS = 100;

const END = Buffer.from('\r\n\r\n');
const REQUEST_LINE = /^([A-Z]{1,32}) (\/[!-~]*) HTTP\/1\.([01])$/;
/** A name, and a value without control characters. No folded lines, and no blank before the colon. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~\x80-\xff]*)$/;

export interface RequestHead extends HandshakeRequest {
  /** Without arguments. */
  readonly path: ByteString;
}

/** `more`: it is not whole. `long`: it will not fit. `bad`: it is none. */
export type HeadRead = 'more' | 'long' | 'bad' | { readonly head: RequestHead; readonly rest: Buffer };

/** Collects what comes, and keeps no more of it than a head. */
export class HeadReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** @returns `rest` is what follows the head */
  add(chunk: Buffer): HeadRead {
    const from = Math.max(0, this.#bytes.length - END.length + 1);
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const at = bytes.indexOf(END, from);
    if (at > MAX_HEAD - END.length || (at < 0 && bytes.length >= MAX_HEAD)) return 'long';
    if (at < 0) {
      this.#bytes = bytes;
      return 'more';
    }
    const head = parseHead(bytes.toString('latin1', 0, at));
    return head === undefined ? 'bad' : { head, rest: bytes.subarray(at + END.length) };
  }
}

function parseHead(text: ByteString): RequestHead | undefined {
  const [first = '', ...lines] = text.split('\r\n', MAX_FIELDS + 2);
  const [, method, target, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined || lines.length > MAX_FIELDS) return undefined;
  const fields = new Map<ByteString, ByteString>();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    const before = fields.get(key);
    if (key === 'host' && before !== undefined) return undefined;
    fields.set(key, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  const [path = ''] = target.split(/[?#]/, 1);
  return { method, path, isHttp11: minor === '1', header: (name) => fields.get(name) };
}
