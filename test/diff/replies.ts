// Counts complete replies in what a mail client receives, so that a case can wait for "the next reply".
import type { Protocol } from './case.ts';

/** Fed with bytes in any pieces. */
export class ReplyCounter {
  readonly #protocol: Protocol;
  #line = '';
  #list = false;
  count = 0;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  push(chunk: Buffer): void {
    const text = this.#line + chunk.toString('latin1');
    const lines = text.split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) if (this.#ends(line)) this.count++;
  }

  #ends(line: string): boolean {
    switch (this.#protocol) {
      case 'imap':
        return !line.startsWith('* ') || /^\* (?:BAD|OK)/.test(line);
      case 'pop3':
        return this.#endsPop3(line);
      case 'smtp':
        return !/^\d{3}-/.test(line);
      default:
        throw new Error(`no such protocol: ${this.#protocol satisfies never}`);
    }
  }

  #endsPop3(line: string): boolean {
    if (this.#list) this.#list = line.trimEnd() !== '.';
    else this.#list = /^\+OK (?:Capability list follows|methods supported:)/.test(line);
    return !this.#list;
  }
}
