// One request to an http server under test, on a connection of its own, and its answer.
import assert from 'node:assert/strict';
import type { MailServer } from './server.ts';
import type { ConnectOptions } from './wire.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Lines of the head in their order, but for the status line, Server and Date. */
  readonly fields: readonly string[];
  /** One byte per character. */
  readonly body: string;
}

/** @param target as in the request line @param headers further lines; Host is there already */
export async function ask(
  server: MailServer,
  at: string,
  { target, host = 'localhost', method = 'GET', headers = [], body, connect = {} }: HttpQuestion,
): Promise<HttpAnswer | 'nothing'> {
  const wire = await server.connect(at, connect);
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers];
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  await wire.send(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
  const text = (await wire.rest()).toString('latin1');
  wire.destroy();
  if (text === '') return 'nothing';
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...fields] = text.slice(0, end).split('\r\n');
  return {
    status: Number(statusLine.split(' ')[1]),
    fields: fields.filter((line) => !/^(Server|Date):/.test(line)),
    body: text.slice(end + 4),
  };
}

/** The body of the answer, which has to come. */
export async function bodyOf(server: MailServer, at: string, question: HttpQuestion): Promise<string> {
  const answer = await ask(server, at, question);
  assert.ok(answer !== 'nothing', question.target);
  return answer.body;
}

/** The answer, which has to come, with its body as text of UTF-8. */
export async function textOf(
  server: MailServer,
  target: string,
  more: Partial<HttpQuestion> = {},
): Promise<HttpAnswer & { readonly text: string }> {
  const answer = await ask(server, 'web', { target, ...more });
  assert.ok(answer !== 'nothing', target);
  return { ...answer, text: Buffer.from(answer.body, 'latin1').toString() };
}

/** Asks for `/LOCATION?a=KEY` for each of the keys. */
export async function finds(
  server: MailServer,
  location: string,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(expected)) {
    assert.equal(await bodyOf(server, 'web', { target: `/${location}?a=${key}` }), value, key);
  }
}

export interface HttpQuestion {
  readonly target: string;
  readonly host?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly connect?: ConnectOptions;
}
