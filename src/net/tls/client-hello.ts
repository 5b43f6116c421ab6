// Finds what a ClientHello says of TLS 1.3 (RFC 8446, sections 4.2.1 and 4.2.11): Node.js does not tell.

export interface ClientHello {
  /** Of the first pre-shared key, which is the session that the client wants to resume. */
  readonly identity: Buffer | undefined;
  readonly offersTls13: boolean;
}

export type HelloScan =
  /** The record is not complete; scan again with more bytes. */
  { readonly kind: 'more' } | { readonly kind: 'done'; readonly hello: ClientHello };

const NONE: HelloScan = { kind: 'done', hello: { identity: undefined, offersTls13: false } };
const MORE: HelloScan = { kind: 'more' };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const PRE_SHARED_KEY = 41;
const SUPPORTED_VERSIONS = 43;
const TLS13 = 0x0304;
const RECORD_HEADER = 5;
const MAX_RECORD = 16384;

/**
 * Looks at the front of what a client sent. A hello that is malformed, or spread over several records, counts as
 * one without TLS 1.3: the handshake finds out what is wrong with it.
 */
export function scanClientHello(data: Buffer): HelloScan {
  if (data.length > 0 && data[0] !== HANDSHAKE) return NONE;
  if (data.length < RECORD_HEADER) return MORE;
  const length = data.readUInt16BE(3);
  if (length > MAX_RECORD) return NONE;
  if (data.length < RECORD_HEADER + length) return MORE;
  const hello = new Reader(data.subarray(RECORD_HEADER, RECORD_HEADER + length));
  return hello.number(1) === CLIENT_HELLO ? { kind: 'done', hello: readExtensions(hello) } : NONE;
}

function readExtensions(record: Reader): ClientHello {
  const hello = record.block(3);
  hello.skip(2 + 32); // version, random
  hello.block(1); // session id
  hello.block(2); // cipher suites
  hello.block(1); // compression methods
  const extensions = hello.block(2);
  let identity: Buffer | undefined;
  let offersTls13 = false;
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const body = extensions.block(2);
    if (type === SUPPORTED_VERSIONS) offersTls13 = hasNumber(body.block(1), TLS13);
    else if (type === PRE_SHARED_KEY && identity === undefined) identity = body.block(2).block(2).rest();
  }
  return { identity: identity?.length === 0 ? undefined : identity, offersTls13 };
}

function hasNumber(list: Reader, wanted: number): boolean {
  while (list.left > 0) if (list.number(2) === wanted) return true;
  return false;
}

/** Reads numbers and length-prefixed blocks; where the bytes run out everything after is empty. */
class Reader {
  #data: Buffer;
  constructor(data: Buffer) {
    this.#data = data;
  }

  get left(): number {
    return this.#data.length;
  }

  /** Big-endian, `bytes` wide. */
  number(bytes: number): number {
    if (this.#data.length < bytes) {
      this.#data = this.#data.subarray(this.#data.length);
      return 0;
    }
    const value = this.#data.readUIntBE(0, bytes);
    this.skip(bytes);
    return value;
  }

  /** A block behind its length; empty where it is not all there. */
  block(lengthBytes: number): Reader {
    const length = this.number(lengthBytes);
    const isWhole = length <= this.#data.length;
    const block = new Reader(this.#data.subarray(0, isWhole ? length : 0));
    this.skip(isWhole ? length : this.#data.length);
    return block;
  }

  skip(bytes: number): void {
    this.#data = this.#data.subarray(Math.min(bytes, this.#data.length));
  }

  rest(): Buffer {
    return this.#data;
  }
}
