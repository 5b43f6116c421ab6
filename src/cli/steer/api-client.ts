// Asks the api: one request at a time, with a bound on time and on the length of the answer.
import { request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { Failure } from './failure.ts';
import type { ApiAddress } from './find-api.ts';

/** How long nothing may come, how long an answer may take in all, and how long it may be, in bytes. */
interface Bounds {
  readonly silenceMs: number;
  readonly wholeMs: number;
  readonly length: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const BOUNDS: Bounds = { silenceMs: 10_000, wholeMs: 60_000, length: 16 * 1024 * 1024 };

export class ApiClient {
  readonly #address: ApiAddress;
  readonly #bounds: Bounds;
  readonly #ends = new AbortController();

  constructor(address: ApiAddress, bounds = BOUNDS) {
    this.#address = address;
    this.#bounds = bounds;
  }

  /** Nobody waits for an answer any more. */
  close(): void {
    this.#ends.abort();
  }

  get(path: string): Promise<unknown> {
    return this.ask('GET', path);
  }

  /** @throws Failure */
  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const { status, text } = await this.#exchange(method, path, body === undefined ? '' : JSON.stringify(body));
    const value = parse(text);
    if (status >= 200 && status < 300 && value !== undefined) return value;
    const why = fieldOf(fieldOf(value, 'error'), 'text');
    const said = typeof why === 'string' ? `${status} ${why}` : `status ${status}`;
    throw new Failure(status === 404 && typeof why === 'string' ? 1 : 3, `the api says: ${said}`);
  }

  #exchange(method: string, path: string, body: string): Promise<Answer> {
    const { protocol, socketPath, host, port, path: base, credentials } = this.#address;
    const options: RequestOptions = {
      ...(socketPath === undefined ? { host, port } : { socketPath }),
      method,
      path: `${base}/9${path}`,
      timeout: this.#bounds.silenceMs,
      agent: false,
      signal: this.#ends.signal,
      headers: body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      ...(credentials === undefined ? {} : { auth: credentials }),
    };
    return new Promise((resolve, reject) => {
      const asked = (protocol === 'http:' ? overHttp : overHttps)(options, (answer) => {
        const pieces: Buffer[] = [];
        let length = 0;
        answer.on('data', (piece: Buffer) => {
          length += piece.length;
          pieces.push(piece);
          if (length > this.#bounds.length) fail('its answer is too long');
        });
        answer.on('error', (error) => fail(error.message));
        answer.on('end', () => done({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
      });
      const timer = setTimeout(() => fail('its answer does not end'), this.#bounds.wholeMs);
      const done = (answer: Answer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      const fail = (why: string): void => {
        clearTimeout(timer);
        reject(new Failure(3, `the api cannot be reached: ${why}`));
        asked.destroy();
      };
      asked.on('timeout', () => fail('it does not answer'));
      asked.on('error', (error) => fail(error.message));
      asked.on('upgrade', (_answer, socket) => {
        socket.destroy();
        fail('it speaks another protocol');
      });
      asked.end(body);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of JSON that may be anything. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What is there is JSON, but not of the api. */
export const strange = (): Failure => new Failure(3, 'what answers there is not the api');

/** @throws Failure */
export function listIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw strange();
  return value;
}

export const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
