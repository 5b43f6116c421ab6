// What a lookup asks for: the name of an address (RFC 1035, section 3.5; RFC 3596) or the addresses of a name.
import type { ByteString } from '../../conf/directive.ts';
import { parseIp } from '../ip.ts';
import { isEncodable, type Question, RecordType } from './message.ts';

export interface Target {
  readonly kind: 'address' | 'name';
  /** The name in the question: lower case, no final dot. */
  readonly name: ByteString;
  /** Differs between the two kinds. */
  readonly key: ByteString;
}

/** Undefined: not an address. An IPv4 address in IPv6 form is asked for as IPv6, as nginx does. */
export function addressTarget(ip: string): Target | undefined {
  const bytes = parseIp(ip);
  return bytes === undefined ? undefined : pointerTarget(reverseName(bytes));
}

/** The target of a PTR question. */
function pointerTarget(name: ByteString): Target {
  return { kind: 'address', name, key: `PTR ${name}` };
}

/** Undefined: a name that no query can carry. One final dot is allowed. */
export function nameTarget(text: ByteString): Target | undefined {
  const name = text.replace(/\.$/, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return isEncodable(name) ? { kind: 'name', name, key: `A ${name}` } : undefined;
}

function reverseName(ip: Uint8Array): ByteString {
  if (ip.length === 4) return `${[...ip].reverse().join('.')}.in-addr.arpa`;
  return `${[...Buffer.from(ip).toString('hex')].reverse().join('.')}.ip6.arpa`;
}

const IN_ADDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/;
const IP6 = /^(?:[0-9a-f]\.){32}ip6\.arpa$/;

/** Whether the name in a PTR question stands for an address. */
function isReverseName(name: ByteString): boolean {
  const quad = IN_ADDR.exec(name);
  return quad === null ? IP6.test(name) : quad.slice(1).every((part) => Number(part) <= 255);
}

/** The target that the question of a response belongs to, or the text that nginx logs where there can be none. */
export function questionTarget({ name, type }: Question): Target | ByteString {
  if (type === RecordType.ptr) {
    return isReverseName(name) ? pointerTarget(name) : 'invalid in-addr.arpa or ip6.arpa name in DNS response';
  }
  if (type !== RecordType.a && type !== RecordType.aaaa) return `unknown query type ${type} in DNS response`;
  return nameTarget(name) ?? `unexpected DNS response for ${name}`;
}
