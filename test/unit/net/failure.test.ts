// How a broken connection reads in the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Level } from '../../../src/core/log.ts';
import {
  clientFailure,
  connectFailure,
  type FailureRecord,
  isBindFailure,
  upstreamFailure,
} from '../../../src/net/failure.ts';

const NAMES = new Map(Object.entries(Level).map(([name, level]) => [level, name]));

function failed(code: string, errno: number, syscall: string): Error {
  return Object.assign(new Error(code), { code, errno: -errno, syscall });
}

const tell = (record: FailureRecord | undefined): string =>
  record === undefined ? 'nothing' : `${NAMES.get(record.level)} ${record.call} | ${record.text}`;

const upstream = (code: string, errno: number, syscall: string, address = '192.0.2.1:25'): string =>
  tell(upstreamFailure(failed(code, errno, syscall), address));
const client = (code: string, errno: number, syscall: string): string =>
  tell(clientFailure(failed(code, errno, syscall)));

test('a TCP connection that is refused fails at the first read', () => {
  assert.equal(upstream('ECONNREFUSED', 111, 'connect'), 'error recv() | recv() failed (111: Connection refused)');
  assert.equal(upstream('ETIMEDOUT', 110, 'connect'), 'error recv() | recv() failed (110: Connection timed out)');
  assert.equal(upstream('EHOSTUNREACH', 113, 'connect'), 'error recv() | recv() failed (113: No route to host)');
});

test('a connection that cannot be begun names the address', () => {
  assert.equal(
    upstream('ENETUNREACH', 101, 'connect'),
    'error connect() | connect() to 192.0.2.1:25 failed (101: Network is unreachable)',
  );
  assert.equal(
    upstream('EADDRNOTAVAIL', 99, 'connect'),
    'crit connect() | connect() to 192.0.2.1:25 failed (99: Cannot assign requested address)',
  );
  assert.equal(
    upstream('EMFILE', 24, 'connect'),
    'crit connect() | connect() to 192.0.2.1:25 failed (24: Too many open files)',
  );
});

test('an address of ours that cannot be had is named, with its port where it has one', () => {
  const failure = (port: number): Error =>
    Object.assign(new Error('x'), { code: 'EADDRNOTAVAIL', errno: -99, syscall: 'bind', address: '192.0.2.1', port });
  const text = 'failed (99: Cannot assign requested address)';
  assert.equal(tell(upstreamFailure(failure(0), 'a')), `crit bind() | bind(192.0.2.1) ${text}`);
  assert.equal(tell(upstreamFailure(failure(25), 'a')), `crit bind() | bind(192.0.2.1:25) ${text}`);
  assert.deepEqual(connectFailure(failure(0), 'a'), { level: Level.crit, text: `bind(192.0.2.1) ${text}` });
  assert.deepEqual(
    [isBindFailure(failure(0)), isBindFailure(new Error('x')), isBindFailure(undefined)],
    [true, false, false],
  );
});

test('a unix socket fails at once', () => {
  assert.equal(
    upstream('ENOENT', 2, 'connect', 'unix:/a'),
    'crit connect() | connect() to unix:/a failed (2: No such file or directory)',
  );
  assert.equal(
    upstream('ECONNREFUSED', 111, 'connect', 'unix:/a'),
    'error connect() | connect() to unix:/a failed (111: Connection refused)',
  );
});

test('reading and sending', () => {
  assert.equal(upstream('ECONNRESET', 104, 'read'), 'error recv() | recv() failed (104: Connection reset by peer)');
  assert.equal(upstream('EPIPE', 32, 'write'), 'error send() | send() failed (32: Broken pipe)');
  assert.equal(upstream('EIO', 5, 'read'), 'alert recv() | recv() failed (5: Input/output error)');
});

test('an error of TLS is told for clients, and what is neither is not told', () => {
  const tls = new Error('7F12:error:0A000119:SSL routines:tls_get_more_records:bad record mac:a.c:1:\n');
  assert.equal(tell(upstreamFailure(new Error('x'), 'a')), 'nothing');
  assert.equal(tell(clientFailure(new Error('x'))), 'nothing');
  assert.match(
    tell(clientFailure(tls)),
    /^info SSL_read\(\) \| SSL_read\(\) failed \(SSL: error:0A000119:SSL routines::bad record mac\)$/,
  );
});

test('what a client does is info, and only what no client can do is alert', () => {
  assert.equal(client('ECONNRESET', 104, 'read'), 'info recv() | recv() failed (104: Connection reset by peer)');
  assert.equal(client('EPIPE', 32, 'write'), 'info send() | send() failed (32: Broken pipe)');
  assert.equal(client('ETIMEDOUT', 110, 'read'), 'info recv() | recv() failed (110: Connection timed out)');
  assert.equal(client('EBADF', 9, 'read'), 'alert recv() | recv() failed (9: Bad file descriptor)');
});
