// Keys of TLS session tickets (RFC 5077): from files, or made here and renewed in time.
import { hkdfSync, randomBytes } from 'node:crypto';
import { at, type ByteString, ConfError, type Position } from '../conf/directive.ts';
import { errnoSuffix } from '../core/errno.ts';
import type { NativeSecureContext, TicketKeyAnswer } from './node-internals.d.ts';
import { fullName, type TlsFiles } from './tls-files.ts';

export interface TicketKey {
  /** 16 bytes, at the front of every ticket. */
  readonly name: Buffer;
  readonly hmac: Buffer;
  /** 16 bytes: Node.js encrypts with AES-128. */
  readonly aes: Buffer;
}

export interface TicketKeys {
  /** The first encrypts, all decrypt. Never empty. */
  current(): readonly TicketKey[];
}

/**
 * Reads ssl_session_ticket_key files: 48 bytes (name, AES-128 key, HMAC key) or 80 bytes (name, HMAC key, AES-256
 * key). AES-256 is out of reach, so both keys of an 80 byte file are derived from what it holds: its tickets are
 * good wherever Postern has the same file, and not with nginx.
 * @param end for messages: where the configuration block ends.
 * @throws ConfError
 */
export function loadTicketKeys(names: readonly ByteString[], end: Position, files: TlsFiles): TicketKeys | undefined {
  const keys = names.map((name) => loadTicketKey(fullName(files, name), end, files));
  return keys.length === 0 ? undefined : { current: () => keys };
}

const EISDIR = 21;

function loadTicketKey(path: ByteString, end: Position, files: TlsFiles): TicketKey {
  const content = files.readFile(path);
  if (!Buffer.isBuffer(content) && content.errno !== EISDIR) {
    throw new ConfError(`open() "${path}" failed${errnoSuffix(content.errno)}${at(end)}`);
  }
  if (!Buffer.isBuffer(content) || (content.length !== 48 && content.length !== 80)) {
    throw new ConfError(`"${path}" must be 48 or 80 bytes${at(end)}`);
  }
  const name = content.subarray(0, 16);
  if (content.length === 48)
    return {
      name,
      aes: content.subarray(16, 32),
      hmac: content.subarray(32, 48),
    };
  const derived = Buffer.from(hkdfSync('sha256', content.subarray(16), name, 'ticket keys', 48));
  return { name, aes: derived.subarray(0, 16), hmac: derived.subarray(16) };
}

/** Keys made here: one encrypts for the lifetime of a session, and decrypts for as long again. */
export class RotatingKeys implements TicketKeys {
  readonly #lifetimeMs: number;
  #keys: readonly TicketKey[] = [randomKey()];
  #madeMs: number;

  constructor(lifetimeS: number, nowMs = Date.now()) {
    this.#lifetimeMs = lifetimeS * 1000;
    this.#madeMs = nowMs;
  }

  current(nowMs = Date.now()): readonly TicketKey[] {
    const age = nowMs - this.#madeMs;
    if (age <= this.#lifetimeMs) return this.#keys;
    const [newest] = this.#keys;
    const isLate = newest === undefined || age > 2 * this.#lifetimeMs;
    this.#keys = isLate ? [randomKey()] : [randomKey(), newest];
    this.#madeMs = nowMs;
    return this.#keys;
  }
}

function randomKey(): TicketKey {
  const bytes = randomBytes(64);
  return {
    name: bytes.subarray(0, 16),
    aes: bytes.subarray(16, 32),
    hmac: bytes.subarray(32),
  };
}

const NOTHING = Buffer.alloc(16);
const NO_KEY: TicketKeyAnswer = [0, NOTHING, NOTHING, NOTHING, NOTHING];

/** Makes the context take its ticket keys from here. */
export function useTicketKeys(native: NativeSecureContext, keys: TicketKeys): void {
  native.onticketkeycallback = (name, _iv, encrypting) => {
    const all = keys.current();
    const [first] = all;
    if (encrypting && first !== undefined) return [1, first.hmac, first.aes, first.name, randomBytes(16)];
    const key = all.find((candidate) => candidate.name.equals(name));
    // 2: with every resumption the client gets a fresh ticket, as clients of TLS 1.3 want to use each only once.
    return key === undefined ? NO_KEY : [2, key.hmac, key.aes, NOTHING, NOTHING];
  };
  native.enableTicketKeyCallback();
}
