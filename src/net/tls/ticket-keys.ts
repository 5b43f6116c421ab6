// Keys of TLS session tickets (RFC 5077): from files, or made here and renewed in time.
import { hkdfSync, randomBytes } from 'node:crypto';
import { at, type ByteString, ConfError, type Position } from '../../conf/directive.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { fullName, type TlsFiles } from './files.ts';

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

/**
 * Keys made here: one encrypts for the lifetime of a session, and decrypts for as long again. The next one is known a
 * whole lifetime before it encrypts, so that processes which get the keys at different moments understand each other.
 */
export class RotatingKeys implements TicketKeys {
  /** In seconds. */
  lifetimeS: number;
  #keys: readonly TicketKey[] = [randomKey(), randomKey()];
  /** The first of them encrypts since then. */
  #sinceMs: number;
  #follows = false;

  constructor(lifetimeS: number, nowMs = Date.now()) {
    this.lifetimeS = lifetimeS;
    this.#sinceMs = nowMs;
  }

  /** When they are to be renewed, in milliseconds since 1970. */
  get dueMs(): number {
    return this.#sinceMs + this.lifetimeS * 1000;
  }

  /** The first encrypts, the second will; a third one has. The same array as long as nothing changes. */
  current(nowMs = Date.now()): readonly TicketKey[] {
    if (this.#follows || nowMs <= this.dueMs) return this.#keys;
    const [old, next = randomKey()] = this.#keys;
    // Nothing that the old one encrypted is good after a second lifetime.
    const isLate = old === undefined || nowMs > this.dueMs + this.lifetimeS * 1000;
    this.#keys = isLate ? [next, randomKey()] : [next, randomKey(), old];
    this.#sinceMs = nowMs;
    return this.#keys;
  }

  /** Somebody else makes the keys: these, until others come. */
  follow(keys: readonly TicketKey[]): void {
    this.#keys = keys;
    this.#follows = true;
  }

  /** Nobody else makes the keys from now on. */
  lead(nowMs = Date.now()): void {
    if (!this.#follows) return;
    this.#follows = false;
    this.#sinceMs = nowMs;
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
