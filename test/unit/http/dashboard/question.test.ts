// What a page may ask: everything else is no question.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuestion } from '../../../../src/http/dashboard/question.ts';

const BASE = { kind: 'watch', question: 1, filter: {}, limit: 10, tail: false };
const parse = (more: object) => parseQuestion(JSON.stringify({ ...BASE, ...more }));

test('a whole question', () => {
  const found = parse({ filter: { user: 'jö', state: 'relay', client: '' }, after: '12-34', tail: true, more: 1 });
  assert.deepEqual(found?.filter, {
    user: Buffer.from('jö').toString('latin1'),
    client: undefined,
    server: undefined,
    protocol: undefined,
    backend: undefined,
    state: 'relay',
  });
  assert.deepEqual([found?.question, found?.limit, found?.tail], [1, 10, true]);
  assert.deepEqual(found?.after, { sinceMs: 12, connection: 34 });
});

test('what is none', () => {
  assert.ok(parse({}) !== undefined);
  for (const text of ['', '{', 'null', '[]', '"watch"', '1', '{}', '{"__proto__":{"kind":"watch"}}']) {
    assert.equal(parseQuestion(text), undefined, text);
  }
  const wrong = [
    { kind: 'end' },
    { question: -1 },
    { question: 1.5 },
    { question: '1' },
    { limit: 0 },
    { limit: 101 },
    { limit: null },
    { tail: 1 },
    { filter: null },
    { filter: [] },
    { filter: { user: 1 } },
    { filter: { user: {} } },
    { filter: { state: 'gone' } },
    { filter: { id: '1-1' } },
    { filter: { user: 'x'.repeat(4097) } },
    { after: 5 },
    { after: '1' },
    { after: '1-' },
    { after: `${'1'.repeat(16)}-1` },
  ];
  for (const more of wrong) assert.equal(parse(more), undefined, JSON.stringify(more));
});

test('whatever comes, it is a question within its bounds, or none', () => {
  const part = fc.oneof(fc.jsonValue(), fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined));
  const fields = fc.record({
    kind: fc.oneof(fc.constant('watch'), part),
    question: part,
    filter: fc.oneof(fc.dictionary(fc.constantFrom('user', 'client', 'state', '__proto__', 'id'), part), part),
    limit: fc.oneof(fc.integer({ min: -1, max: 200 }), part),
    after: fc.oneof(fc.constant('1-2'), part),
    tail: part,
  });
  const text = fc.oneof(
    fc.string(),
    fields.map((it) => JSON.stringify(it)),
  );
  fc.assert(
    fc.property(text, (message) => {
      const found = parseQuestion(message);
      if (found === undefined) return;
      assert.ok(found.limit >= 1 && found.limit <= 100 && Number.isSafeInteger(found.question));
      for (const value of Object.values(found.filter)) assert.ok(value === undefined || typeof value === 'string');
      found.matcher.matches({
        id: '1-1',
        protocol: 'imap',
        server: '',
        client: '192.0.2.1',
        user: '',
        state: 'commands',
        backend: '',
      });
    }),
    { numRuns: 1000 },
  );
});
