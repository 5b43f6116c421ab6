// What nginx finds wrong with header lines while it reads them: what stands behind such a line it never sees.
import type { ByteString } from '../../conf/directive.ts';
import { hostOf } from './host.ts';

export interface LineFault {
  /** For the log. */
  readonly text: ByteString;
  /** Names and values up to it, and of itself. */
  readonly read: number;
}

/** Lines that may stand in a request once. */
const SINGLE: ReadonlySet<ByteString> = new Set([
  'if-modified-since',
  'if-unmodified-since',
  'if-match',
  'if-none-match',
  'if-range',
  'content-range',
  'transfer-encoding',
  'authorization',
]);

/** @param raw names and values in turn @returns the first fault; each means 400 */
export function findLineFault(raw: readonly ByteString[]): LineFault | undefined {
  const seen = new Map<ByteString, ByteString>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const value = raw[i + 1] ?? '';
    const name = (raw[i] ?? '').toLowerCase();
    const isHost = name === 'host';
    if (!isHost && !SINGLE.has(name)) continue;
    const read = i + 2;
    if (isHost && !seen.has(name) && hostOf(value) === undefined) {
      return { text: 'client sent invalid host header', read };
    }
    const line = `${raw[i]}: ${value}`;
    const previous = seen.get(name);
    if (previous !== undefined) {
      const what = isHost ? 'host header' : 'header line';
      return { text: `client sent duplicate ${what}: "${line}", previous value: "${previous}"`, read };
    }
    seen.set(name, line);
  }
  return undefined;
}
