// Numbers and times as people read them: short, and of an even width where they stand below each other.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `51,204` */
export const count = (value: number): string => whole.format(value);

const THOUSANDS = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three digits that count: `7`, `51.2k`, `1.04M`. */
export function short(value: number): string {
  let size = value;
  let power = 0;
  while (size >= 999.5 && power < THOUSANDS.length - 1) {
    size /= 1000;
    power++;
  }
  return `${power === 0 && Number.isInteger(size) ? size : digits(size)}${THOUSANDS[power]}`;
}

function digits(size: number): string {
  if (size === 0) return '0';
  if (size >= 99.95) return size.toFixed(0);
  const text = size.toFixed(size >= 9.995 ? 1 : 2);
  return text.replace(/\.?0+$/, '');
}

/** Of something a second: `412`, `3.1`, `0.04`, and `0` only for nothing at all. */
export function rate(value: number): string {
  if (value > 0 && value < 0.01) return '<0.01';
  return value >= 10 ? short(Math.round(value)) : short(Number(value.toFixed(value >= 1 ? 1 : 2)));
}

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `0 B`, `1.2 kB`, `34.5 MB` */
export function bytes(value: number): string {
  let size = value;
  let power = 0;
  while (size >= 999.5 && power < BYTES.length - 1) {
    size /= 1000;
    power++;
  }
  return `${power === 0 ? Math.round(size) : digits(size)} ${BYTES[power]}`;
}

/** `0.8 ms`, `34 ms`, `1.2 s` */
export function milliseconds(value: number): string {
  if (value >= 999.5) return `${digits(value / 1000)} s`;
  return `${value >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')} ms`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** The two greatest units: `3 h 12 min`, `45 s`. */
export function duration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000));
  const first = UNITS.findIndex(([, seconds]) => rest >= seconds);
  if (first === -1) return '0 s';
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS.slice(first, first + 2)) {
    const many = Math.floor(rest / seconds);
    rest -= many * seconds;
    if (many > 0) parts.push(`${many} ${unit}`);
  }
  return parts.join(' ');
}

/** `1 session`, `2 sessions` */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** A share of a whole: `0%`, `<1%`, `62%`. */
export function percent(part: number, all: number): string {
  if (all === 0 || part === 0) return '0%';
  const value = (100 * part) / all;
  if (value < 1) return '<1%';
  return `${value > 99 && part < all ? '>99' : Math.round(value)}%`;
}
