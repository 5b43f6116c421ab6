// The search keys that the demo backend knows (RFC 3501, section 6.4.4); several must all hold.
import { type Argument, textOf } from './imap-command.ts';
import { selectMessages } from './imap-set.ts';
import type { Message } from './mailbox.ts';

type Filter = (message: Message) => boolean;

const FLAG_KEYS: ReadonlyMap<string, Filter> = new Map([
  ['ALL', () => true],
  ['RECENT', () => false],
  ['NEW', () => false],
  ['OLD', () => true],
  ...['SEEN', 'DELETED', 'FLAGGED', 'ANSWERED', 'DRAFT'].flatMap((key): [string, Filter][] => {
    const flag = `\\${key.charAt(0)}${key.slice(1).toLowerCase()}`;
    return [
      [key, ({ flags }) => flags.has(flag)],
      [`UN${key}`, ({ flags }) => !flags.has(flag)],
    ];
  }),
]);

/** The messages that match every key; undefined where a key is unknown. */
export function search(keys: readonly Argument[], view: readonly Message[]): ReadonlySet<Message> | undefined {
  const filters: Filter[] = [];
  for (let i = 0; i < keys.length; ) {
    const negated = textOf(keys[i])?.toUpperCase() === 'NOT';
    if (negated) i++;
    const word = textOf(keys[i++])?.toUpperCase();
    if (word === undefined) return undefined;
    const filter = FLAG_KEYS.get(word) ?? inSet(word === 'UID' ? textOf(keys[i++]) : word, view, word === 'UID');
    if (filter === undefined) return undefined;
    filters.push(negated ? (message) => !filter(message) : filter);
  }
  if (filters.length === 0) return undefined;
  return new Set(view.filter((message) => filters.every((filter) => filter(message))));
}

function inSet(set: string | undefined, view: readonly Message[], byUid: boolean): Filter | undefined {
  const found = set === undefined ? undefined : selectMessages(set, view, byUid);
  if (found === undefined) return undefined;
  const messages = new Set(found.map(({ message }) => message));
  return (message) => messages.has(message);
}
