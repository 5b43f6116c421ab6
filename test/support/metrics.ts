// A reader of metrics in the formats of Prometheus that takes nothing that the formats do not allow.
import assert from 'node:assert/strict';

export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
/** What samples of a family may be called. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const [, name = '', value = ''] = LABEL.exec(text) ?? assert.fail(`labels from ${at}: ${text}`);
    assert.ok(!(name in labels), `a label stands twice: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}

/** @param format where the two differ: the names of counters, and the end */
export function readMetrics(text: string, format: 'prometheus' | 'openmetrics'): readonly MetricFamily[] {
  assert.ok(text.endsWith('\n'));
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics') assert.equal(lines.pop(), '# EOF');
  const families: MetricFamily[] = [];
  for (let i = 0; i < lines.length; ) {
    const [, name = '', help = ''] =
      /^# HELP (\S+) (.*)$/.exec(lines[i] ?? '') ?? assert.fail(`line ${i}: ${lines[i]}`);
    const [, again, type = ''] = /^# TYPE (\S+) (\S+)$/.exec(lines[i + 1] ?? '') ?? assert.fail(lines[i + 1]);
    assert.match(name, NAME);
    assert.equal(again, name);
    const samples: MetricSample[] = [];
    for (i += 2; i < lines.length && !lines[i]?.startsWith('#'); i++) {
      const [, sample = '', labels = '', value = ''] =
        SAMPLE.exec(lines[i] ?? '') ?? assert.fail(`line ${i}: ${lines[i]}`);
      assert.match(value, /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/);
      samples.push({ name: sample, labels: labelsIn(labels), value: Number(value.replace('Inf', 'Infinity')) });
    }
    families.push(checked({ name, type, help, samples }, format));
  }
  const names = families.map((family) => family.name);
  assert.equal(new Set(names).size, names.length, 'a family stands once');
  return families;
}

function checked(family: MetricFamily, format: 'prometheus' | 'openmetrics'): MetricFamily {
  const { name, type, samples } = family;
  const suffixes = SUFFIXES[type] ?? assert.fail(`${name} is a ${type}`);
  const isTotal = format === 'prometheus' && type === 'counter';
  if (isTotal) assert.match(name, /_total$/);
  const base = isTotal ? name.replace(/_total$/, '') : name;
  const seen = new Set<string>();
  for (const sample of samples) {
    assert.ok(
      suffixes.some((suffix) => sample.name === base + suffix),
      `${sample.name} of ${name}`,
    );
    if (type !== 'gauge') assert.ok(sample.value >= 0, `${sample.name} counts up`);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    assert.ok(!seen.has(key), `${key} stands twice`);
    seen.add(key);
  }
  if (type === 'histogram') checkHistogram(base, samples);
  return { ...family, name: base };
}

function checkHistogram(name: string, samples: readonly MetricSample[]): void {
  let before = 0;
  let bound = Number.NEGATIVE_INFINITY;
  for (const { name: sample, labels, value } of samples) {
    if (sample === `${name}_bucket`) {
      const le = Number(labels.le?.replace('Inf', 'Infinity'));
      assert.ok(le > bound && value >= before, `buckets of ${name} are in order`);
      [before, bound] = [value, le];
    } else if (sample === `${name}_count`) {
      assert.equal(value, before);
      assert.equal(bound, Number.POSITIVE_INFINITY);
      [before, bound] = [0, Number.NEGATIVE_INFINITY];
    }
  }
}

/** The value of the one sample that has these labels, maybe among others. */
export function metric(
  families: readonly MetricFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = families
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name && Object.entries(labels).every(([k, v]) => sample.labels[k] === v));
  const [one] = found;
  assert.ok(one !== undefined && found.length === 1, `${found.length} of ${name} ${JSON.stringify(labels)}`);
  return one.value;
}
