// Asks the api: one request at a time, with a bound on time and on the length of the answer.
import { request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { Failure } from './failure.ts';
import type { ApiAddress } from './find-api.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 16 * 1024 * 1024;

export class ApiClient {
  readonly #address: ApiAddress;

  constructor(address: ApiAddress) {
    this.#address = address;
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

  #exchange(method: string, path: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
    const { protocol, socketPath, host, port, path: base, credentials } = this.#address;
    const options: RequestOptions = {
      ...(socketPath === undefined ? { host, port } : { socketPath }),
      method,
      path: `${base}/9${path}`,
      timeout: TIMEOUT_MS,
      agent: false,
      headers: body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      ...(credentials === undefined ? {} : { auth: credentials }),
    };
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Failure(3, `the api cannot be reached: ${why}`));
      const asked = (protocol === 'http:' ? overHttp : overHttps)(options, (answer) => {
        const pieces: Buffer[] = [];
        let length = 0;
        answer.on('data', (piece: Buffer) => {
          length += piece.length;
          pieces.push(piece);
          if (length > MAX_ANSWER) asked.destroy(new Error('its answer is too long'));
        });
        answer.on('error', (error) => fail(error.message));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
      });
      asked.on('timeout', () => asked.destroy(new Error('it does not answer')));
      asked.on('error', (error) => fail(error.message));
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

export const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
