// The data items of FETCH that the demo backend knows (RFC 3501, section 6.4.5).
import { type Argument, wordsOf } from './imap-command.ts';
import { envelope, headerFields } from './imap-envelope.ts';
import { type Message, splitMessage } from './mailbox.ts';

export interface FetchItem {
  /** Reading it sets the flag `\Seen`. */
  readonly marksSeen: boolean;
  /** Name and value, one byte per character. */
  show(message: Message): string;
}

/** Each may be as large as a message. */
const MAX_ITEMS = 16;

const MACROS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
]);

const literal = (bytes: Buffer): string => `{${bytes.length}}\r\n${bytes.toString('latin1')}`;
const headerOf = (message: Message): Buffer => splitMessage(message.bytes).header;
const bodyOf = (message: Message): Buffer => splitMessage(message.bytes).body;

const SIMPLE: ReadonlyMap<string, (message: Message) => string> = new Map([
  ['FLAGS', ({ flags }) => `(${[...flags].join(' ')})`],
  ['UID', ({ uid }) => String(uid)],
  ['RFC822.SIZE', ({ bytes }) => String(bytes.length)],
  ['INTERNALDATE', ({ received }) => internalDate(received)],
  ['ENVELOPE', (message) => envelope(headerOf(message))],
  ['BODY', structure],
  ['BODYSTRUCTURE', structure],
  ['RFC822.HEADER', (message) => literal(headerOf(message))],
  ['RFC822.TEXT', (message) => literal(bodyOf(message))],
  ['RFC822', ({ bytes }) => literal(bytes)],
]);

const MARKS_SEEN = new Set(['RFC822', 'RFC822.TEXT']);

/** The items of a FETCH; undefined where one is unknown. @param withUid as for UID FETCH, which always tells the UID. */
export function parseFetch(argument: Argument | undefined, withUid: boolean): FetchItem[] | undefined {
  const words = wordsOf(argument);
  if (words === undefined || words.length === 0 || words.length > MAX_ITEMS) return undefined;
  const macro = words.length === 1 ? MACROS.get(words[0]?.toUpperCase() ?? '') : undefined;
  const names = [...(macro ?? words)];
  if (withUid && !names.some((name) => name.toUpperCase() === 'UID')) names.unshift('UID');
  const items = names.map(parseItem);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function parseItem(word: string): FetchItem | undefined {
  const name = word.toUpperCase();
  const simple = SIMPLE.get(name);
  if (simple !== undefined) {
    return {
      marksSeen: MARKS_SEEN.has(name),
      show: (message) => `${name} ${simple(message)}`,
    };
  }
  const body = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d{1,9})\.(\d{1,9})>)?$/.exec(name);
  if (body === null) return undefined;
  const [, peek, section = '', from, count] = body;
  const read = parseSection(section);
  if (read === undefined) return undefined;
  const start = Number(from ?? 0);
  const end = count === undefined ? undefined : start + Number(count);
  const label = `BODY[${section}]${from === undefined ? '' : `<${start}>`}`;
  const show = (message: Message): string => `${label} ${literal(read(message).subarray(start, end))}`;
  return { marksSeen: peek === undefined, show };
}

/** Which bytes a section means; every message of the demo is taken as one part of text. */
function parseSection(section: string): ((message: Message) => Buffer) | undefined {
  switch (section) {
    case '':
      return ({ bytes }) => bytes;
    case 'HEADER':
      return headerOf;
    case 'TEXT':
    case '1':
      return bodyOf;
  }
  const fields = /^HEADER\.FIELDS(\.NOT)? \(([^()]+)\)$/.exec(section);
  if (fields === null) return undefined;
  const names = new Set((fields[2] ?? '').toLowerCase().split(' '));
  const wanted = fields[1] === undefined;
  return (message) => {
    const kept = headerFields(headerOf(message)).filter(({ name }) => names.has(name) === wanted);
    return Buffer.from(`${kept.map(({ text }) => text).join('')}\r\n`, 'latin1');
  };
}

function structure(message: Message): string {
  const body = bodyOf(message);
  const lines = body.toString('latin1').split('\n').length - 1;
  return `("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "8BIT" ${body.length} ${lines})`;
}

/** `"24-Nov-2026 02:14:36 +0000"`. */
function internalDate(date: Date): string {
  const [, day = '01', month = 'Jan', year = '1970', time = '00:00:00'] = date.toUTCString().split(' ');
  return `"${day}-${month}-${year} ${time} +0000"`;
}
