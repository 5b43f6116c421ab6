// A reader and changer of a server under test by its api.
import assert from 'node:assert/strict';
import { ask, type HttpQuestion } from './http-exchange.ts';
import type { MailServer } from './server.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly json: unknown;
}

/** Of the http block: what `ApiClient` asks. */
export const API_SERVER = `http {
  access_log off;
  server {
    listen @web@;
    location /api { api write=on; }
    location /read { api; }
  }
}`;

export class ApiClient {
  readonly #server: MailServer;

  constructor(server: MailServer) {
    this.#server = server;
  }

  async ask(target: string, question: Partial<HttpQuestion> = {}): Promise<ApiAnswer> {
    const answer = await ask(this.#server, 'web', { target: `/api/9${target}`, ...question });
    assert.ok(answer !== 'nothing', target);
    return { status: answer.status, json: JSON.parse(Buffer.from(answer.body, 'latin1').toString()) };
  }

  get(target: string): Promise<unknown> {
    return this.#ok(target, {});
  }

  delete(target: string): Promise<unknown> {
    return this.#ok(target, { method: 'DELETE' });
  }

  send(method: 'POST' | 'PATCH', target: string, body: unknown): Promise<unknown> {
    return this.#ok(target, { method, body: JSON.stringify(body) });
  }

  async #ok(target: string, question: Partial<HttpQuestion>): Promise<unknown> {
    const { status, json } = await this.ask(target, question);
    assert.ok(status === 200 || status === 201, `${target}: ${status} ${JSON.stringify(json)}`);
    return json;
  }
}

/** What lies at a path in JSON. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((one, name) => {
    assert.ok(typeof one === 'object' && one !== null, `${name} in ${JSON.stringify(one)}`);
    return Object.entries(one).find(([key]) => key === String(name))?.[1];
  }, value);

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  assert.ok(Array.isArray(found), JSON.stringify(value));
  return found;
}
