import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isHttpRequestLine } from '../../../../src/mail/command/http-line.ts';

const isHttp = (line: string): boolean => {
  const before = 'a NOOP\r\n';
  const data = Buffer.from(`${before}${line}GET / HTTP/1.1`, 'latin1');
  return isHttpRequestLine(data, before.length, before.length + line.length);
};

const HTTP = [
  'GET / HTTP/1.1\r\n',
  'GET /\r\n',
  'get /index\n',
  'GET /',
  'Head  /x y z\r\n',
  'POST /a HTTP/1.0\r\n',
  'PUT /a\r\n',
  'DELETE /a\r\n',
  'PATCH /a\r\n',
  'TRACE /a\r\n',
  'OPTIONS * HTTP/1.1\r\n',
  'OPTIONS *\r\n',
  'PRI * HTTP/2.0\r\n',
  'GET http://example.org/\r\n',
  'POST a://\r\n',
  'CONNECT example.org:443\r\n',
  'CONNECT [::1]:25 x\r\n',
  'CONNECT :1\r\n',
  ' GET /\r\n',
  'BREW /pot HTTP/1.1\r\n',
  'HTTP/1.1\r\n',
  'x\0\xffHTTP/9.9\r\n',
  'GET x HTTP/1.1  \r\n',
];

const MAIL = [
  '',
  '\r\n',
  ' ',
  'GET',
  'GET\r\n',
  'GET \r\n',
  'GET x\r\n',
  'GET x /\r\n',
  'GETS /\r\n',
  'CONNECTS /\r\n',
  'GE /\r\n',
  'CONNECT example.org\r\n',
  'CONNECT example.org:\r\n',
  'CONNECT example.org:44x\r\n',
  'GET 443\r\n',
  'GET\t/\r\n',
  'Host: example.org:80\r\n',
  'a LOGIN / *\r\n',
  'TOP 1 0\r\n',
  'HTTP/1.1 200 OK\r\n',
  'x HTTP/11\r\n',
  'x HTTP/1.\r\n',
  'x HTTP/1.x\r\n',
  'x http/1.1\r\n',
  'TTP/1.1\r\n',
];

for (const line of HTTP) test(`${JSON.stringify(line)} is HTTP`, () => assert.equal(isHttp(line), true));
for (const line of MAIL) test(`${JSON.stringify(line)} is not HTTP`, () => assert.equal(isHttp(line), false));

test('any bytes can be asked about', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), fc.nat(60), (bytes, a, b) => {
      const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
      isHttpRequestLine(Buffer.from(bytes), start, end);
    }),
  );
});
