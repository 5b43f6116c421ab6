// The dashboard for Grafana: it asks for nothing but metrics that there are, by labels that they have.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { METRICS } from '../../../src/http/prometheus/metrics.ts';
import { ROOT } from '../../support/target.ts';

/** Which a server of Prometheus adds. */
const ADDED = ['job', 'instance'];
const SUFFIXES = { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_sum', '_count'] } as const;

const text = readFileSync(join(ROOT, 'conf', 'grafana-postern.json'), 'utf8');
const dashboard: unknown = JSON.parse(text);

/** Every value of that name, at any depth. */
function valuesOf(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesOf(name, one));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [...(key === name ? [one] : []), ...valuesOf(name, one)]);
}

const samples = new Map(
  METRICS.flatMap(({ name, type, labels }) => SUFFIXES[type].map((suffix) => [name + suffix, labels] as const)),
);
const queries = [...valuesOf('expr', dashboard), ...valuesOf('query', dashboard)].filter(
  (value) => typeof value === 'string' && value.includes('postern_'),
);

test('every query names metrics that there are', () => {
  assert.ok(queries.length > 20);
  for (const query of queries) {
    const names = [...String(query).matchAll(/\bpostern_\w+/g)].map(([name]) => name);
    assert.ok(names.length > 0);
    for (const name of names) assert.ok(samples.has(name), `${name} in ${query}`);
  }
});

test('every label in a query is one of its metric', () => {
  for (const query of queries.map(String)) {
    const [name = ''] = /postern_\w+/.exec(query) ?? [];
    const labels = [...(samples.get(name) ?? []), ...ADDED, 'le'];
    const selected = [...query.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
    const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
    for (const label of [...selected, ...grouped]) assert.ok(labels.includes(label), `${label} in ${query}`);
  }
});

test('every metric of mail is on it, but for what others tell too', () => {
  for (const { name } of METRICS.filter((metric) => metric.name.startsWith('postern_mail_'))) {
    if (name === 'postern_mail_upstream_peer_connections') continue;
    if (name === 'postern_mail_upstream_peer_unavailable' || name === 'postern_mail_upstream_peer_bytes') continue;
    assert.ok(text.includes(name), name);
  }
});

test('panels have numbers of their own', () => {
  const ids = valuesOf('id', dashboard);
  assert.equal(new Set(ids).size, ids.length);
});
