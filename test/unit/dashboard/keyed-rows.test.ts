// Rows are used again, and whoever is still there keeps the one it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyedRows } from '../../../src/dashboard/keyed-rows.ts';

interface FakeRow {
  readonly number: number;
  text: string;
}

function table() {
  const shown: FakeRow[] = [];
  let made = 0;
  let moved = 0;
  const rows = new KeyedRows<FakeRow, string>(
    {
      create: () => ({ number: made++, text: '' }),
      show: (row, item) => {
        row.text = item;
      },
      place: (row, index) => {
        if (shown[index] === row) return;
        moved++;
        const from = shown.indexOf(row);
        if (from !== -1) shown.splice(from, 1);
        shown.splice(index, 0, row);
      },
      remove: (row) => void shown.splice(shown.indexOf(row), 1),
    },
    (item) => item,
  );
  return { rows, texts: () => shown.map(({ text }) => text), made: () => made, moved: () => moved };
}

test('who stays is not moved when others before it are gone', () => {
  const { rows, texts, moved } = table();
  rows.show(['a', 'b', 'c', 'd']);
  const row = rows.get('c');
  const before = moved();
  rows.show(['b', 'c', 'd']);
  assert.equal(moved(), before);
  assert.equal(rows.get('c'), row);
  assert.deepEqual(texts(), ['b', 'c', 'd']);
});

test('rows of those that are gone serve those that come', () => {
  const { rows, texts, made } = table();
  for (let page = 0; page < 500; page++) {
    rows.show(Array.from({ length: 100 }, (_, index) => `${page}-${index}`));
  }
  assert.equal(made(), 100);
  assert.equal(texts()[99], '499-99');
});

test('a key that comes twice is shown once', () => {
  const { rows, texts } = table();
  rows.show(['a', 'b', 'a']);
  assert.deepEqual(texts(), ['a', 'b']);
});

test('whatever comes after whatever, the rows are those of the items, in their order', () => {
  const items = fc.uniqueArray(fc.string({ maxLength: 2 }));
  fc.assert(
    fc.property(fc.array(items), (steps) => {
      const { rows, texts } = table();
      for (const step of steps) {
        rows.show(step);
        assert.deepEqual(texts(), step);
      }
    }),
  );
});
