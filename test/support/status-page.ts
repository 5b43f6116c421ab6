// A reader of stub_status: one connection that stays open, so that the page counts itself in the same way each time.
import assert from 'node:assert/strict';
import type { Scope } from './cleanup.ts';
import { PATIENCE_MS } from './in-time.ts';
import type { MailServer } from './server.ts';
import type { Wire } from './wire.ts';

export interface StatusNumbers {
  readonly active: number;
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

/** To the byte, with the spaces at the ends of lines. */
const PAGE =
  /^Active connections: (\d+) \nserver accepts handled requests\n (\d+) (\d+) (\d+) \nReading: (\d+) Writing: (\d+) Waiting: (\d+) \n$/;

export class StatusPage {
  readonly #wire: Wire;
  readonly #target: string;
  #reads = 0;

  private constructor(wire: Wire, target: string) {
    this.#wire = wire;
    this.#target = target;
  }

  static async open(scope: Scope, server: MailServer, at = 'web', target = '/status'): Promise<StatusPage> {
    const wire = await server.connect(at);
    scope.after(() => wire.destroy());
    return new StatusPage(wire, target);
  }

  /** How often it was asked for: as often as waiting took. */
  get reads(): number {
    return this.#reads;
  }

  async read(): Promise<StatusNumbers> {
    const body = await this.text();
    const found = PAGE.exec(body);
    assert.ok(found !== null, body);
    const [active = 0, accepted = 0, handled = 0, requests = 0, reading = 0, writing = 0, waiting = 0] = found
      .slice(1)
      .map(Number);
    return { active, accepted, handled, requests, reading, writing, waiting };
  }

  /** What the page says. */
  async text(): Promise<string> {
    this.#reads++;
    await this.#wire.send(`GET ${this.#target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const [, length = '0'] = await this.#wire.match(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*?Content-Length: (\d+)\r\n[\s\S]*?\r\n\r\n/,
    );
    return (await this.#wire.bytes(Number(length))).toString('latin1');
  }

  /** Reads until the numbers are as wanted: what ends, ends a little later than its client sees. */
  async until(wanted: Partial<StatusNumbers>): Promise<StatusNumbers> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const numbers = await this.read();
      const isThere = Object.entries(wanted).every(([key, value]) =>
        Object.entries(numbers).some(([k, v]) => k === key && v === value),
      );
      if (isThere) return numbers;
      if (performance.now() > end) assert.deepEqual({ ...numbers, ...wanted }, numbers);
    }
  }
}
