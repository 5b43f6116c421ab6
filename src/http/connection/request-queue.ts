// The requests of a connection in the order in which they came: one is answered at a time.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestBody } from '../request/body.ts';
import type { Broken } from '../request/broken.ts';
import type { HttpRequest } from '../request/request.ts';

/** A request as node:http has parsed it. */
export interface Arrived {
  readonly message: IncomingMessage;
  readonly output: ServerResponse;
  readonly body: RequestBody;
  /** What was made of it. */
  request: HttpRequest | undefined;
}

/** What stands behind it in the same piece node:http leaves out: nothing more may follow. */
export const asksForUpgrade = ({ message: { headers } }: Arrived): boolean =>
  headers.upgrade !== undefined && /upgrade/i.test(headers.connection ?? '');

export class RequestQueue {
  /** What is being answered. */
  current: Arrived | undefined;
  /** Behind all others: nothing more can be parsed. */
  broken: Broken | undefined;
  /** How many the piece at hand has brought. */
  parsed = 0;
  readonly #waiting: Arrived[] = [];

  push(arrived: Arrived): void {
    this.parsed++;
    this.#waiting.push(arrived);
  }

  /** Makes the next one the current one. */
  next(): Arrived | undefined {
    this.current = this.#waiting.shift();
    return this.current;
  }

  /** The latest one. */
  get newest(): Arrived | undefined {
    return this.#waiting.at(-1) ?? this.current;
  }

  /** Some of the latest one's body has not come yet. */
  get lacksBody(): boolean {
    return this.newest?.message.complete === false;
  }
}
