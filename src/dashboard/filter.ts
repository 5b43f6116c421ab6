// What the fields of the filter say: which sessions to show, or what is wrong with a field.
import type { Filter } from '../http/dashboard/messages.ts';

export const FIELDS = ['user', 'client', 'protocol', 'state', 'server', 'backend'] as const;
export type Field = (typeof FIELDS)[number];

export interface FilterFault {
  readonly field: Field;
  readonly text: string;
}

/** More the server does not take. */
const LONGEST = 256;

/** What is empty is left out; spaces around a value are of no meaning, but of a user's name they may be. */
export function readFilter(values: ReadonlyMap<Field, string>): Filter | FilterFault {
  const filter: { [name in Field]?: string } = {};
  for (const field of FIELDS) {
    const given = values.get(field) ?? '';
    const value = field === 'user' ? given : given.trim();
    if (value.length > LONGEST) return { field, text: `At most ${LONGEST} characters.` };
    if (value !== '') filter[field] = value;
  }
  if (filter.client !== undefined && !isNetwork(filter.client)) {
    return { field: 'client', text: 'An address or a network, like 192.0.2.7 or 2001:db8::/32.' };
  }
  return filter;
}

/** Whether a user can be asked for by name: whole, of text, and without the line breaks that a field drops. */
export const canBeAsked = (user: string, isCut: boolean): boolean =>
  user !== '' && !isCut && user.length <= LONGEST && !/[\r\n\ufffd]/.test(user);

export const isFault = (it: Filter | FilterFault): it is FilterFault => 'field' in it;

export const isEmpty = (filter: Filter): boolean => FIELDS.every((field) => filter[field] === undefined);

export const sameFilter = (one: Filter, other: Filter): boolean => FIELDS.every((field) => one[field] === other[field]);

/** An address of either kind, with the length of a prefix or without; or `unix:`. */
export function isNetwork(text: string): boolean {
  if (text === 'unix:') return true;
  const [, address = '', prefix] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const bits = prefix === undefined ? 0 : Number(prefix);
  if (isIpv4(address)) return bits <= 32;
  return isIpv6(address) && bits <= 128;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** RFC 4291, 2.2. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const isMixed = last.includes('.');
  if (isMixed && !isIpv4(last)) return false;
  const hex = isMixed ? groups.slice(0, -1) : groups;
  const length = hex.length + (isMixed ? 2 : 0);
  return hex.every((group) => /^[\da-f]{1,4}$/i.test(group)) && (halves.length === 2 ? length < 8 : length === 8);
}
