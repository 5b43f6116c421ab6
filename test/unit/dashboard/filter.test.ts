// The filter of sessions, as its fields are read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canBeAsked,
  type Field,
  isEmpty,
  isFault,
  isNetwork,
  readFilter,
  sameFilter,
} from '../../../src/dashboard/filter.ts';

const read = (values: Partial<Record<Field, string>>) =>
  readFilter(new Map(Object.entries(values).map(([name, value]) => [fieldOf(name), value])));

function fieldOf(name: string): Field {
  const known = (['user', 'client', 'protocol', 'state', 'server', 'backend'] as const).find((field) => field === name);
  assert.ok(known !== undefined);
  return known;
}

test('fields that are empty name nothing', () => {
  const filter = read({ user: '', client: '  ', state: '' });
  assert.deepEqual(filter, {});
  assert.ok(!isFault(filter) && isEmpty(filter));
});

test('a name that its field would change cannot be asked for', () => {
  for (const user of ['anna', ' anna ', '<b>', '\u202e', 'x'.repeat(256)]) assert.ok(canBeAsked(user, false), user);
  for (const user of ['', 'an\nna', 'anna\r', 'a\ufffd', '😀'.repeat(129)]) assert.ok(!canBeAsked(user, false), user);
  assert.ok(!canBeAsked('anna', true));
});

test('spaces belong to the name of a user, and to nothing else', () => {
  assert.deepEqual(read({ user: ' anna ', client: ' 192.0.2.7 ', backend: ' 10.0.0.1:143' }), {
    user: ' anna ',
    client: '192.0.2.7',
    backend: '10.0.0.1:143',
  });
});

test('addresses and networks are clients, and anything else is a fault of its field', () => {
  for (const text of [
    '192.0.2.7',
    '10.0.0.0/8',
    '::',
    '::1',
    '2001:db8::/32',
    '::ffff:192.0.2.7',
    'unix:',
    '1:2:3:4:5:6:7:8/128',
  ]) {
    assert.ok(isNetwork(text), text);
  }
  for (const text of [
    '192.0.2',
    '256.1.1.1',
    '10.0.0.0/33',
    '::/129',
    '1:2:3',
    ':::',
    '1::2::3',
    'host',
    '12345::',
    '10.0.0.1/',
    '1:2:3:4:5:6:7::8',
  ]) {
    assert.ok(!isNetwork(text), text);
  }
  const fault = read({ client: 'example.org' });
  assert.ok(isFault(fault));
  assert.equal(fault.field, 'client');
});

test('what is too long for the server is not sent', () => {
  const fault = read({ user: 'x'.repeat(257) });
  assert.ok(isFault(fault) && fault.field === 'user');
  assert.deepEqual(read({ user: 'x'.repeat(256) }), { user: 'x'.repeat(256) });
});

test('filters are the same when all of their fields are', () => {
  assert.ok(sameFilter({ user: 'a' }, { user: 'a', client: undefined }));
  assert.ok(!sameFilter({ user: 'a' }, { client: 'a' }));
});
