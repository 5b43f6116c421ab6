// What OpenSSL asks for at every session ticket: the key, and whether the client gets a new one.
import { randomFillSync } from 'node:crypto';
import type { NativeSecureContext, TicketKeyAnswer } from './node-internals.d.ts';
import type { TicketKeys } from './ticket-keys.ts';

const NOTHING = Buffer.alloc(16);
const NO_KEY: TicketKeyAnswer = [0, NOTHING, NOTHING, NOTHING, NOTHING];

const IV_BYTES = 16;
/** Random bytes are cheap by the thousand only. */
const POOL_BYTES = 64 * IV_BYTES;

/** OpenSSL's number of tickets after a full handshake of TLS 1.3; after a resumption it is one. */
const TLS13_TICKETS = 2;

/**
 * Clients of TLS 1.3 want to use each ticket only once, so they get another one with every resumption. Before that
 * one ticket is good for the lifetime of the session, and a new one a waste. Node.js does not tell which version it is,
 * so the last bit of the IV, which is known again when the ticket comes back, says what it was made for.
 */
export class Tickets {
  readonly #keys: TicketKeys;
  /** So many of the next ones are for TLS 1.3. */
  #tls13 = 0;
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;
  /** OpenSSL has copied it before anything else happens. */
  readonly #iv = Buffer.alloc(IV_BYTES);

  constructor(keys: TicketKeys) {
    this.#keys = keys;
  }

  /** Makes the context take its ticket keys from here. */
  serve(native: NativeSecureContext): void {
    native.onticketkeycallback = (name, iv, encrypting) => (encrypting ? this.#encrypt() : this.#decrypt(name, iv));
    native.enableTicketKeyCallback();
  }

  /** A handshake of TLS 1.3 is done: OpenSSL writes its tickets before it does anything else. */
  expect13(resumed: boolean): void {
    this.#tls13 = resumed ? 1 : TLS13_TICKETS;
  }

  #encrypt(): TicketKeyAnswer {
    const [first] = this.#keys.current();
    if (first === undefined) return NO_KEY;
    return [1, first.hmac, first.aes, first.name, this.#nextIv()];
  }

  #decrypt(name: Buffer, iv: Buffer): TicketKeyAnswer {
    const keys = this.#keys.current();
    for (const key of keys) {
      if (!key.name.equals(name)) continue;
      const renews = isFor13(iv) || key !== keys[0];
      return [renews ? 2 : 1, key.hmac, key.aes, NOTHING, NOTHING];
    }
    return NO_KEY;
  }

  #nextIv(): Buffer {
    if (this.#used === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const iv = this.#iv;
    this.#pool.copy(iv, 0, this.#used, this.#used + IV_BYTES);
    this.#used += IV_BYTES;
    mark(iv, this.#tls13 > 0);
    if (this.#tls13 > 0) this.#tls13--;
    return iv;
  }
}

function mark(iv: Buffer, for13: boolean): void {
  const last = (iv[IV_BYTES - 1] ?? 0) & 0xfe;
  iv[IV_BYTES - 1] = for13 ? last | 1 : last;
}

/** Of a ticket that somebody else has made with the same keys it says nothing, which does no harm. */
const isFor13 = (iv: Buffer): boolean => ((iv[IV_BYTES - 1] ?? 0) & 1) === 1;
