// Several ranges of a file in one answer: parts, borders and lengths (RFC 9110 section 14.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { startServer } from '../support/server.ts';

const CONFIG = 'http { access_log off; root @DIR@; charset utf-8; server { listen @WEB@; } }';

test('several ranges come as parts, in the order of the request', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const large = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  const server = await startServer(scope, { config: CONFIG, files: { ten: '0123456789', large } });
  const ask = async (target: string, ranges: string, method = 'GET'): Promise<string> => {
    const wire = await server.connect('WEB');
    await wire.send(`${method} ${target} HTTP/1.0\r\nRange: bytes=${ranges}\r\n\r\n`);
    const bytes = await wire.rest();
    wire.destroy();
    return bytes.toString('latin1');
  };
  const answer = await ask('/ten', '4-5, 0-1 ,-1');
  const [, border = ''] = /\r\nContent-Type: multipart\/byteranges; boundary=(\d{20})\r\n/.exec(answer) ?? [];
  const type = 'Content-Type: text/plain; charset=utf-8';
  const body = [
    `\r\n--${border}\r\n${type}\r\nContent-Range: bytes 4-5/10\r\n\r\n45`,
    `\r\n--${border}\r\n${type}\r\nContent-Range: bytes 0-1/10\r\n\r\n01`,
    `\r\n--${border}\r\n${type}\r\nContent-Range: bytes 9-9/10\r\n\r\n9`,
    `\r\n--${border}--\r\n`,
  ].join('');
  assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), body);
  assert.match(answer, new RegExp(`^HTTP/1.1 206 Partial Content\r\n[^]*\r\nContent-Length: ${body.length}\r\n`));
  const head = await ask('/ten', '4-5,0-1,-1', 'HEAD');
  assert.equal(head.replace(/\d{20}|Date: .*/g, ''), answer.slice(0, -body.length).replace(/\d{20}|Date: .*/g, ''));

  const parts = await ask('/large', '10-99999,150000-');
  const latin1 = large.toString('latin1');
  assert.ok(parts.includes(`bytes 10-99999/200000\r\n\r\n${latin1.slice(10, 100_000)}\r\n--`));
  assert.ok(parts.includes(`bytes 150000-199999/200000\r\n\r\n${latin1.slice(150_000)}\r\n--`));
});
