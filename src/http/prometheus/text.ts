// The text formats of Prometheus: its own (version 0.0.4), and OpenMetrics 1.0.
import { BUCKET_MS, countOf, type Histogram } from '../../stats/histogram.ts';

export interface Family {
  /** Without `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Names of labels, in the order of the values. */
  readonly labels: readonly string[];
}

export interface Sample {
  readonly labels: readonly string[];
  readonly value: number | Histogram;
}

export type TextFormat = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What the last line of OpenMetrics is. */
export const END = '# EOF\n';

const BOUNDS = [...BUCKET_MS.map((ms) => String(ms / 1000)), '+Inf'];

/** One family with its samples. */
export function familyText(
  { name, help, type, labels }: Family,
  samples: readonly Sample[],
  format: TextFormat,
): string {
  const full = type === 'counter' ? `${name}_total` : name;
  const shown = format === 'openmetrics' ? name : full;
  const lines = samples.flatMap((sample) => {
    const pairs = labels.map((label, i): Pair => [label, sample.labels[i] ?? '']);
    return typeof sample.value === 'number'
      ? [`${full}${labelText(pairs)} ${sample.value}\n`]
      : histogramLines(name, pairs, sample.value);
  });
  return `# HELP ${shown} ${escapeHelp(help, format)}\n# TYPE ${shown} ${type}\n${lines.join('')}`;
}

type Pair = readonly [name: string, value: string];

function histogramLines(name: string, pairs: readonly Pair[], histogram: Histogram): string[] {
  const buckets = BOUNDS.map(
    (bound, i) => `${name}_bucket${labelText([...pairs, ['le', bound]])} ${histogram.counts[i] ?? 0}\n`,
  );
  const label = labelText(pairs);
  return [
    ...buckets,
    `${name}_sum${label} ${histogram.sumMs / 1000}\n`,
    `${name}_count${label} ${countOf(histogram)}\n`,
  ];
}

const labelText = (pairs: readonly Pair[]): string =>
  pairs.length === 0 ? '' : `{${pairs.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`;

/** Other control characters are allowed there as they are. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Quotes are escaped in OpenMetrics only. */
function escapeHelp(text: string, format: TextFormat): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
