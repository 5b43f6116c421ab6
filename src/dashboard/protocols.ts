// Protocols: the order that they stand in, and how they are written. The colour of each is in dashboard.css.
import type { ByProtocol, Sample } from '../http/dashboard/messages.ts';

const ORDER = ['imap', 'pop3', 'smtp'];
/** More than this has no colour of its own. */
const COLOURS = 6;

/** All that there are in these samples; those that everybody knows come first. */
export function protocolsOf(samples: readonly Sample[], now: ByProtocol): string[] {
  const found = new Set(Object.keys(now));
  for (const { sessions } of samples) for (const name of Object.keys(sessions)) found.add(name);
  const others = [...found].filter((name) => !ORDER.includes(name)).sort();
  return [...ORDER.filter((name) => found.has(name)), ...others];
}

/** `IMAP`; what is not short is a name. */
export const protocolName = (name: string): string => (name.length <= 4 ? name.toUpperCase() : name);

/** The class that has its colour. */
export function seriesClass(name: string, index: number): string {
  return ORDER.includes(name) ? `series-${name}` : `series-${Math.min(index, COLOURS - 1)}`;
}
