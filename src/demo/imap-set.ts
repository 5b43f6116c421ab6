// Which messages a sequence set such as `1:3,7,9:*` means (RFC 3501, section 9, "sequence-set").
import type { Message } from './mailbox.ts';

/** A message with its number in the session, from 1. */
export interface Numbered {
  readonly number: number;
  readonly message: Message;
}

/** The messages of a set, in the order of the mailbox; undefined where it is not a set. */
export function selectMessages(set: string, view: readonly Message[], byUid: boolean): Numbered[] | undefined {
  if (!/^(?:[1-9]\d{0,9}|\*)(?::(?:[1-9]\d{0,9}|\*))?(?:,(?:[1-9]\d{0,9}|\*)(?::(?:[1-9]\d{0,9}|\*))?)*$/.test(set)) {
    return undefined;
  }
  const last = byUid ? (view.at(-1)?.uid ?? 0) : view.length;
  const value = (text: string): number => (text === '*' ? last : Number(text));
  const ranges = set.split(',').map((part) => {
    const [a = '*', b = a] = part.split(':');
    return {
      low: Math.min(value(a), value(b)),
      high: Math.max(value(a), value(b)),
    };
  });
  return view
    .map((message, i) => ({ number: i + 1, message }))
    .filter(({ number, message }) => {
      const n = byUid ? message.uid : number;
      return ranges.some(({ low, high }) => n >= low && n <= high);
    });
}
