// Finds what a ClientHello says (RFC 8446, section 4.1.2) that Node.js does not tell, or too late.

export interface ClientHello {
  /** Of the first pre-shared key, which is the session that the client wants to resume. */
  readonly identity: Buffer | undefined;
  readonly offersTls13: boolean;
  /** The host name of SNI (RFC 6066), as sent. */
  readonly serverName: string | undefined;
  /** Numbers of two bytes, in the client's order. */
  readonly ciphers: Buffer;
  /** The same, of the groups for the key exchange. */
  readonly groups: Buffer;
}

export type HelloScan =
  /** The hello is not all there; scan again when there are so many bytes. */
  { readonly kind: 'more'; readonly bytes: number } | { readonly kind: 'done'; readonly hello: ClientHello };

const EMPTY = Buffer.alloc(0);
/** One that cannot be read: the handshake finds out what is wrong with it. */
export const UNREADABLE: ClientHello = {
  identity: undefined,
  offersTls13: false,
  serverName: undefined,
  ciphers: EMPTY,
  groups: EMPTY,
};
const NONE: HelloScan = { kind: 'done', hello: UNREADABLE };
const more = (bytes: number): HelloScan => ({ kind: 'more', bytes });

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const PRE_SHARED_KEY = 41;
const SUPPORTED_VERSIONS = 43;
const HOST_NAME = 0;
const TLS13 = 0x0304;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const MAX_RECORD = 16384;
/** A client may cut its hello into pieces, so that nobody on the way can read it; more of them are an attack. */
const MAX_RECORDS = 32;
const MAX_MESSAGE = 32768;

/**
 * Looks at the front of what a client sent. A hello that is malformed, or too large, counts as one that says nothing:
 * the handshake finds out what is wrong with it.
 */
export function scanClientHello(data: Buffer): HelloScan {
  const pieces: Buffer[] = [];
  let length = 0;
  for (let at = 0; pieces.length < MAX_RECORDS; ) {
    if (data.length > at && data[at] !== HANDSHAKE) return NONE;
    if (data.length < at + RECORD_HEADER) return more(at + RECORD_HEADER);
    const end = at + RECORD_HEADER + data.readUInt16BE(at + 3);
    if (end === at + RECORD_HEADER || end > at + RECORD_HEADER + MAX_RECORD) return NONE;
    if (data.length < end) return more(end);
    pieces.push(data.subarray(at + RECORD_HEADER, end));
    length += end - at - RECORD_HEADER;
    at = end;
    if (length < MESSAGE_HEADER) continue;
    const [first = EMPTY] = pieces;
    const message = pieces.length === 1 ? first : Buffer.concat(pieces, length);
    const whole = MESSAGE_HEADER + message.readUIntBE(1, 3);
    if (message[0] !== CLIENT_HELLO || whole > MAX_MESSAGE) return NONE;
    if (length >= whole) return { kind: 'done', hello: readHello(new Reader(message.subarray(1))) };
  }
  return NONE;
}

function readHello(message: Reader): ClientHello {
  const hello = message.block(3);
  hello.skip(2 + 32); // version, random
  hello.block(1); // session id
  const ciphers = copy(hello.block(2));
  hello.block(1); // compression methods
  const extensions = hello.block(2);
  let identity: Buffer | undefined;
  let offersTls13 = false;
  let serverName: string | undefined;
  let groups: Buffer = EMPTY;
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const body = extensions.block(2);
    if (type === SUPPORTED_VERSIONS) offersTls13 = hasNumber(body.block(1), TLS13);
    else if (type === PRE_SHARED_KEY && identity === undefined) identity = copy(body.block(2).block(2));
    else if (type === SERVER_NAME && serverName === undefined) serverName = hostName(body.block(2));
    else if (type === SUPPORTED_GROUPS) groups = copy(body.block(2));
  }
  return { identity: identity?.length === 0 ? undefined : identity, offersTls13, serverName, ciphers, groups };
}

/** Outlives what was read, and does not hold it. */
const copy = (block: Reader): Buffer => Buffer.from(block.rest());

/** OpenSSL refuses a name with a NUL, and one that is longer than any host name. */
function hostName(list: Reader): string | undefined {
  const type = list.number(1);
  const name = list.block(2).rest();
  const isName = type === HOST_NAME && name.length > 0 && name.length <= 255 && !name.includes(0);
  return isName ? name.toString('latin1') : undefined;
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
