// Answers of auth servers that are used again: bounded in bytes, the one that was not used for the longest goes first.
import type { AuthReply } from '../auth-http/reply.ts';

/** What an answer said, without secrets. */
export interface StoredReply extends Readonly<Omit<AuthReply, 'pass' | 'wait'>> {
  /** Auth-Pass, encrypted. */
  readonly sealedPass: Buffer | undefined;
}

interface Entry {
  readonly reply: StoredReply;
  readonly untilMs: number;
  readonly bytes: number;
}

/** What an entry takes besides its values. */
const ENTRY_BYTES = 640;

export class ReplyStore {
  readonly #maxBytes: number;
  /** In the order in which they were used. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string, nowMs: number): StoredReply | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.untilMs <= nowMs) {
      this.remove(id);
      return undefined;
    }
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.reply;
  }

  set(id: string, reply: StoredReply, untilMs: number): void {
    this.remove(id);
    const bytes = bytesOf(id, reply);
    if (bytes > this.#maxBytes) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      this.remove(oldest);
    }
    this.#entries.set(id, { reply, untilMs, bytes });
    this.#bytes += bytes;
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
  }
}

function bytesOf(id: string, reply: StoredReply): number {
  const values = [...Object.values(reply), ...(reply.kept?.values() ?? [])].filter((value) => Buffer.isBuffer(value));
  return values.reduce((sum, value) => sum + value.length, ENTRY_BYTES + id.length);
}
