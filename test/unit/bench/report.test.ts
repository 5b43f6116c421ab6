// The report of the benchmark: figures become rows, and rows a table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baselineOf, changeOf, compare } from '../../bench/baseline.ts';
import { Figures } from '../../bench/figures.ts';
import { withReport } from '../../bench/page.ts';
import { type Result, rowResult } from '../../bench/result.ts';
import { ROWS } from '../../bench/rows.ts';
import { digits, limits, markdownReport, spread, textReport } from '../../bench/table.ts';

function figures(): Figures {
  const found = new Figures();
  for (const value of [150, 160, 170]) found.add('login-imap', 'postern', value);
  for (const value of [100, 80, 100]) found.add('login-imap', 'nginx', value);
  for (const value of [1, 2]) found.add('bulk-clear-down-1', 'postern', value);
  for (const value of [4, 4]) found.add('bulk-clear-down-1', 'nginx', value);
  for (const value of [2, 2]) found.add('bulk-clear-down-1', 'nginx-64k', value);
  found.add('start-master', 'postern', 170);
  found.skip('login-imap-tuned', '-t: no such | directive');
  return found;
}

function result(found: Figures): Result {
  return {
    date: '2026-01-02T03:04:05.000Z',
    machine: {
      processor: 'P',
      processors: 2,
      memoryGib: 8,
      system: 'linux 6',
      node: '20.0.0',
      openssl: '3.0.0',
      postern: '0.1.0',
      nginx: '1.22.1',
      others: 0.125,
    },
    rounds: 3,
    quick: false,
    tools: 'C',
    rows: ROWS.flatMap((row) => rowResult(row, found) ?? []),
  };
}

test('only rows that were measured, or left out for a reason, are in the result', () => {
  assert.deepEqual(
    result(figures()).rows.map(({ id }) => id),
    ['login-imap', 'login-imap-tuned', 'bulk-clear-down-1', 'start-master'],
  );
});

test('a row has the ratio of the same rounds, and is judged by it', () => {
  const [login, , bulk, start] = result(figures()).rows;
  assert.deepEqual(login?.ratio, { median: 1.7, min: 1.5, max: 2 });
  assert.equal(login?.verdict, 'must');
  assert.equal(login?.ratio64k, undefined);
  assert.deepEqual(bulk?.ratio64k, { median: 0.75, min: 0.5, max: 1 });
  assert.equal(bulk?.verdict, 'aim');
  assert.equal(start?.ratio, undefined);
  assert.equal(start?.verdict, 'missed');
});

test('the text has a line a row, with the figures, the ratio, its spread, the budget and the verdict', () => {
  const text = textReport(result(figures()), []);
  assert.match(text, /^Login, IMAP +160 µs CPU +100 µs CPU +1\.70 \(1\.50 to 2\.00\) +– +≤ 1\.8; ≤ 1\.5 +must +–$/m);
  assert.match(
    text,
    /^Bulk down, one client +1\.50 CPU s\/GiB +4 CPU s\/GiB +0\.38 \(0\.25 to 0\.50\) +0\.75 +.* aim +–$/m,
  );
  assert.match(text, /^Start to greeting, with a master +170 ms +– +– +– +≤ 160 ms; ≤ 120 ms +missed +–$/m);
  assert.match(text, /^Left out:\nLogin, IMAP, auth kept alive and quoted: -t: no such \| directive$/m);
  assert.match(text, /^Budget: 2 of 3 rows keep what they must\.$/m);
  assert.match(text, /^Others used 13 % of the machine meanwhile: .*\.$/m);
});

test('the Markdown is one table, whose cells hold no bar of their own', () => {
  const rows = markdownReport(result(figures()))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  assert.equal(rows.length, 2 + 4);
  for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 8, row);
});

test('without nginx there are figures and no ratios', () => {
  const found = new Figures();
  found.add('login-imap', 'postern', 150);
  const [row] = result(found).rows;
  assert.equal(row?.ratio, undefined);
  assert.equal(row?.verdict, undefined);
  assert.match(textReport(result(found), []), /^Login, IMAP +150 µs CPU +– +– +– +.* –\s+–$/m);
});

test('numbers have three digits that count', () => {
  assert.deepEqual([1234.5, 99.94, 9.994, 0.004, 5, 0].map(digits), ['1235', '99.9', '9.99', '0.00', '5', '0']);
});

test('a spread of one value is that value', () => {
  assert.equal(spread({ median: 1, min: 1, max: 1 }), '1.00');
  assert.equal(spread(undefined), '–');
});

test('limits say which way they go, and in what unit', () => {
  assert.equal(limits({ of: 'ratio', must: 1.8, aim: 1.5 }, 'less', 'ms'), '≤ 1.8; ≤ 1.5');
  assert.equal(limits({ of: 'figure', aim: 2 }, 'more', '×'), '–; ≥ 2 ×');
});

test('the baseline has ratios, and figures where there is none', () => {
  const baseline = baselineOf(result(figures()));
  assert.deepEqual(baseline, {
    'login-imap': { of: 'ratio', value: 1.7 },
    'bulk-clear-down-1': { of: 'ratio', value: 0.375 },
    'start-master': { of: 'figure', value: 170 },
  });
});

test('a change says by how much, and is marked where no round was like before', () => {
  const now = result(figures());
  const comparisons = compare(now, {
    'login-imap': { of: 'ratio', value: 1.6 },
    'start-master': { of: 'figure', value: 100 },
    gone: { of: 'ratio', value: 1 },
  });
  assert.equal(changeOf('login-imap', comparisons), '1.60 +6 %');
  assert.equal(changeOf('start-master', comparisons), '100.00 +70 % !');
  assert.equal(changeOf('bulk-clear-down-1', comparisons), undefined);
  assert.equal(comparisons.length, 2);
});

test('a figure is not compared with a ratio', () => {
  assert.deepEqual(compare(result(figures()), { 'start-master': { of: 'ratio', value: 20 } }), []);
});

test('the report takes the place of the one before, and nothing else', () => {
  const page = 'A\n\n<!-- benchmark: made by `npm run bench -- --docs` -->\nold\n<!-- end of benchmark -->\n\nB\n';
  const once = withReport(page, 'new $& text\n');
  assert.equal(
    once,
    'A\n\n<!-- benchmark: made by `npm run bench -- --docs` -->\n\nnew $& text\n\n<!-- end of benchmark -->\n\nB\n',
  );
  assert.equal(withReport(once, 'new $& text'), once);
  assert.throws(() => withReport('A\n', 'new'), /no place/);
});
