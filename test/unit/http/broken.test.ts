// What is logged and answered where node:http finds no request in what came.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenBy, connectBroken, unfinished } from '../../../src/http/request/broken.ts';
import { HeadRecord } from '../../../src/http/request/head-record.ts';

function record(...pieces: readonly string[]): HeadRecord {
  const head = new HeadRecord();
  for (const piece of pieces) head.add(Buffer.from(piece, 'latin1'));
  return head;
}

const broken = (code: string, head: HeadRecord, more: object = {}, isPipelined = false): string => {
  const { status, isSilent, text, action, line } = brokenBy(
    Object.assign(new Error('x'), { code, ...more }),
    head,
    isPipelined,
  );
  return `${status}${isSilent ? ' silent' : ''} ${text} while ${action}: ${line}`;
};

test('the line is what came of it, in however many pieces', () => {
  assert.equal(record('GET /a HT').line, 'GET /a HT');
  assert.equal(record('G', 'ET /', 'a HTTP/1.1\r', '\nHost: a').line, 'GET /a HTTP/1.1');
  assert.equal(record('\r\n\r\nGET /').line, 'GET /');
  assert.equal(record('\r\n').hasLine, false);
  assert.equal(record('GET / HTTP/1.1\r\n').hasLine, true);
  assert.equal(record('a'.repeat(3000), 'b'.repeat(3000)).line.length, 4096);
});

test('errors of the parser', () => {
  const line = record('get / HTTP/1.1\r\n');
  const LINE = 'while reading client request line: get / HTTP/1.1';
  const HEADERS = 'while reading client request headers: get / HTTP/1.1';
  assert.equal(broken('HPE_INVALID_METHOD', line), `400 client sent invalid method ${LINE}`);
  assert.equal(broken('HPE_INVALID_URL', line), `400 client sent invalid request ${LINE}`);
  assert.equal(broken('HPE_INVALID_HEADER_TOKEN', line), `400 client sent invalid header line ${HEADERS}`);
  assert.equal(broken('HPE_SOMETHING_NEW', line), `400 client sent invalid header line ${HEADERS}`);
  assert.equal(broken('HPE_HEADER_OVERFLOW', line), `494 client sent too large request ${HEADERS}`);
  assert.equal(
    broken('HPE_HEADER_OVERFLOW', record('GET /aa')),
    '414 client sent too long URI while reading client request line: GET /aa',
  );
  assert.equal(
    broken('HPE_INVALID_EOF_STATE', record('GET /aa')),
    '400 silent client prematurely closed connection while reading client request line: GET /aa',
  );
});

test('versions', () => {
  for (const [version, status] of [
    ['1.2', 400],
    ['1.x', 400],
    ['2.1', 505],
    ['3', 505],
    ['10.0', 505],
  ] as const) {
    const text = broken('HPE_INVALID_VERSION', record(`GET / HTTP/${version}\r\n`));
    assert.equal(Number(text.split(' ')[0]), status, version);
  }
});

test('a request that came with others before it', () => {
  const packet = Buffer.from('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nbad one\r\nmore\r\n');
  const at = { rawPacket: packet, bytesParsed: packet.indexOf('bad') };
  assert.equal(
    broken('HPE_INVALID_METHOD', record(), at, true),
    '400 client sent invalid method while reading client pipelined request line: bad one',
  );
});

test('CONNECT, and heads that stop', () => {
  assert.equal(connectBroken('/x', '1.1').status, 405);
  assert.equal(connectBroken('a:80', '1.1').status, 400);
  assert.deepEqual(unfinished(record('GET / HTTP/1.1\r\nA'), 408), {
    status: 408,
    isSilent: true,
    text: 'client timed out (110: Connection timed out)',
    action: 'reading client request headers',
    line: 'GET / HTTP/1.1',
  });
});
