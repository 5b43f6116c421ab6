// The time as a text, made once a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecondText } from '../../../src/core/second-text.ts';

test('text and bytes are those of the second, whichever is asked for first, also when the clock goes back', () => {
  let made = 0;
  const text = new SecondText((date) => {
    made++;
    return date.toISOString();
  });
  assert.equal(text.at(1999), '1970-01-01T00:00:01.999Z');
  assert.equal(text.bytesAt(1000).toString(), '1970-01-01T00:00:01.999Z');
  assert.equal(text.bytesAt(1500), text.bytesAt(1000));
  assert.equal(made, 1);
  assert.equal(text.bytesAt(2000).toString(), '1970-01-01T00:00:02.000Z');
  assert.equal(text.at(2001), '1970-01-01T00:00:02.000Z');
  assert.equal(text.bytesAt(1000).toString(), '1970-01-01T00:00:01.000Z');
  assert.equal(made, 3);
});
