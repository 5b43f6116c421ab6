// Header fields of a message and its IMAP envelope, as far as the demo's messages need it (RFC 3501, section 7.4.2).

/** Fields with their folded lines, in order; the text keeps its line ends. */
export function headerFields(header: Buffer): { readonly name: string; readonly text: string }[] {
  const lines = header.toString('latin1').match(/[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*/g) ?? [];
  return lines.map((text) => ({
    name: text.split(':', 1)[0]?.trim().toLowerCase() ?? '',
    text,
  }));
}

/** A string, or NIL (RFC 3501, "nstring"): quoted where that is possible, else a literal. */
export function nstring(text: string | undefined): string {
  if (text === undefined) return 'NIL';
  if (/^[\x20-\x7e]{0,1000}$/.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  return `{${text.length}}\r\n${text}`;
}

const unfold = (value: string): string => value.replace(/[\r\n\t ]+/g, ' ').trim();

/** Of a field, so that a hostile header costs little. */
const MAX_VALUE = 1000;

/** `(date subject from sender reply-to to cc bcc in-reply-to message-id)`. */
export function envelope(header: Buffer): string {
  const fields = new Map<string, string>();
  for (const { name, text } of headerFields(header)) {
    if (!fields.has(name)) fields.set(name, unfold(text.slice(text.indexOf(':') + 1, MAX_VALUE)));
  }
  const value = (name: string): string => nstring(fields.get(name));
  const from = addresses(fields.get('from'));
  const or = (name: string, other: string): string => (fields.has(name) ? addresses(fields.get(name)) : other);
  const people = [from, or('sender', from), or('reply-to', from), ...['to', 'cc', 'bcc'].map((n) => or(n, 'NIL'))];
  return `(${[value('date'), value('subject'), ...people, value('in-reply-to'), value('message-id')].join(' ')})`;
}

/** `Name <user@host>` or `user@host`, separated by commas; groups and comments are not understood. */
function addresses(text: string | undefined): string {
  const parts = (text ?? '').match(/(?:"[^"]*"|[^",])+/g) ?? [];
  const list = parts.flatMap((part) => {
    const [name = '', angled] = part.includes('<') ? part.split('<', 2) : ['', part];
    const [user, host] = (angled?.split('>', 1)[0] ?? '').trim().split('@', 2);
    if (user === undefined || host === undefined) return [];
    const display = name.replaceAll('"', '').trim();
    return [`(${nstring(display === '' ? undefined : display)} NIL ${nstring(user)} ${nstring(host)})`];
  });
  return list.length === 0 ? 'NIL' : `(${list.join('')})`;
}
