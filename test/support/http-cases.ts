// One http server under test and what clients send it, as cases: bytes, answers, and what the log has to say.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Cleanup } from './cleanup.ts';
import { answersIn } from './http-answer.ts';
import { type MailServer, startServer } from './server.ts';

export const HOST = 'Host: a.test\r\n';
export const LAST = `GET /last HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
export const request = (method: string, target: string, ...lines: readonly string[]): string =>
  `${method} ${target} HTTP/1.1\r\n${HOST}${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
export const get = (target: string, ...lines: readonly string[]): string => request('GET', target, ...lines);
export const post = (target: string, body: string, ...lines: readonly string[]): string =>
  `${request('POST', target, `Content-Length: ${body.length}`, ...lines)}${body}`;
export const chunked = (target: string, body: string): string =>
  `${request('POST', target, 'Transfer-Encoding: chunked')}${body}`;

/** Of `location / { return 200 text; }`. */
export const KEPT = 'HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 4|Connection: keep-alive||text';
export const CLOSED = KEPT.replace('keep-alive', 'close');
/** A built-in page that ends the connection. */
export const closing = (line: string, page = line): string =>
  `HTTP/1.1 ${line}|Content-Type: text/html|Connection: close||<${page}>`;
export const staying = (line: string): string => closing(line).replace('close', 'keep-alive');

export interface Case {
  readonly name: string;
  readonly sent: string;
  /** The last one also says whether the connection stays: where it does, `LAST` is answered as well. */
  readonly got: readonly string[];
  readonly isHead?: true;
  /** What the log has to say. */
  readonly log?: string;
  /** Why it is left out. */
  readonly skip?: string | false;
}

export const kept = (name: string, sent: string, ...got: readonly string[]): Case => ({ name, sent, got });

/** All that the server at `@WEB@` answers until it closes. */
export async function exchange(server: MailServer, sent: string, isHead = false): Promise<string[]> {
  const wire = await server.connect('WEB');
  await wire.send(sent);
  const bytes = await wire.rest();
  wire.destroy();
  return answersIn(bytes, isHead).map((answer) => answer.replace(`:${server.at('WEB').port}`, ':PORT'));
}

/**
 * Makes a test of each case, with one server for all of them.
 * @param last the answer to `LAST` @param tidy leaves out of an answer what is never the same
 */
export function testCases(
  options: (scope: Cleanup) => Parameters<typeof startServer>[1],
  cases: readonly Case[],
  last: string = CLOSED,
  tidy: (answer: string) => string = (answer) => answer,
): void {
  const scope = new Cleanup();
  let server: MailServer;
  before(async () => {
    server = await startServer(scope, options(scope));
  });
  for (const { name, sent, got, isHead, log, skip = false } of cases) {
    test(`http: ${name}`, { skip }, async () => {
      const stays = got.at(-1)?.includes('Connection: keep-alive') === true;
      const seen = server.log.text().length;
      const answers = await exchange(server, stays ? sent + LAST : sent, isHead === true);
      assert.deepEqual(answers.map(tidy), stays ? [...got, last] : got);
      const records = server.log.text().slice(seen);
      if (log !== undefined) assert.ok(records.includes(log), `the log has no "${log}": ${records}`);
    });
  }
  test('http: the server goes down in order', () => scope.run());
}
