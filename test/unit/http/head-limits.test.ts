// Whether a head fits into the buffers of large_client_header_buffers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHead } from '../../../src/http/request/head-limits.ts';

const LIMITS = {
  clientHeaderTimeoutMs: 1,
  clientHeaderBufferSize: 100,
  largeClientHeaderBuffers: { number: 2, size: 1000 },
  maxHeaders: 5,
  mergeSlashes: true,
};

/** A line of so many bytes, its end included. */
const field = (length: number): readonly string[] => ['A', 'a'.repeat(length - 5)];
const line = (length: number): string => 'a'.repeat(length - 2);
const check = (requestLine: number, ...fields: readonly number[]): number | undefined =>
  checkHead(line(requestLine), fields.flatMap(field), LIMITS)?.status;

test('a line goes into one buffer', () => {
  assert.equal(check(100), undefined);
  assert.equal(check(1000), undefined);
  assert.equal(check(1001), 414);
  assert.equal(check(50, 1000), undefined);
  assert.equal(check(50, 1001), 494);
});

test('all lines go into the buffers that there are', () => {
  assert.equal(check(50, 50, 1000, 1000), undefined);
  assert.equal(check(50, 50, 1000, 999, 10), 494);
  assert.equal(check(50, 600, 600), undefined);
  assert.equal(check(50, 600, 600, 600), 494);
  assert.equal(check(1000, 1000), undefined);
  assert.equal(check(1000, 1000, 10), 494);
});

test('max_headers', () => {
  assert.equal(check(20, 10, 10, 10, 10, 10), undefined);
  assert.equal(check(20, 10, 10, 10, 10, 10, 10), 494);
});

test('the record shows the beginning of the line, as far as it is in the buffer', () => {
  for (const [size, shown] of [
    [1000, 992],
    [4096, 1740],
  ] as const) {
    const limits = { ...LIMITS, largeClientHeaderBuffers: { number: 2, size } };
    const fault = checkHead(line(10), ['Cookie', 'c'.repeat(5000)], limits);
    assert.equal(fault?.text, `client sent too long header line: "Cookie: ${'c'.repeat(shown)}..."`);
  }
});
