// A certificate's Name as RFC 2253 text, to the byte as OpenSSL's XN_FLAG_RFC2253 prints it.
import type { ByteString } from '../../conf/directive.ts';
import { type Element, oidText, readElements, Tag } from './der.ts';
import { ATTRIBUTE_NAMES } from './oid-names.ts';

/**
 * The last part comes first: `CN=x,O=Foo\, Bar,C=US`. What is not ASCII is UTF-8 in escapes (`\C3\BC`), so the
 * text is plain ASCII without control bytes.
 * @param name the elements inside the Name.
 * @returns undefined where the encoding is broken.
 */
export function rfc2253(name: Buffer): ByteString | undefined {
  const sets = readElements(name);
  if (sets === undefined) return undefined;
  const parts: string[] = [];
  for (const set of sets) {
    const attributes = set.tag === Tag.set ? readElements(set.value) : undefined;
    if (attributes === undefined) return undefined;
    const texts: string[] = [];
    for (const attribute of attributes) {
      const text = attributeText(attribute);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    if (texts.length > 0) parts.push(texts.reverse().join('+'));
  }
  return parts.reverse().join(',');
}

/**
 * As OpenSSL wrote names before RFC 2253: `/C=US/O=Foo, Bar/CN=x`. The same holds for it.
 * @param name the elements inside the Name.
 */
export function onelineName(name: Buffer): ByteString | undefined {
  let text = '';
  for (const set of readElements(name) ?? []) {
    let separator = '/';
    for (const attribute of readElements(set.value) ?? []) {
      const [type, value] = readElements(attribute.value) ?? [];
      const oid = type === undefined ? undefined : oidText(type.value);
      if (oid === undefined || value === undefined) return undefined;
      text += `${separator}${ATTRIBUTE_NAMES.get(oid) ?? oid}=${escapeOneline(value.value)}`;
      separator = '+';
    }
  }
  return text;
}

function escapeOneline(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const ch = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) text += `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    else text += ch === '/' || ch === '+' ? `\\${ch}` : ch;
  }
  return text;
}

/** The first common name in a Name, in UTF-8; undefined where there is none. */
export function commonName(name: Buffer): Buffer | undefined {
  for (const set of readElements(name) ?? []) {
    for (const attribute of readElements(set.value) ?? []) {
      const [type, value] = readElements(attribute.value) ?? [];
      if (type === undefined || value === undefined || oidText(type.value) !== COMMON_NAME) continue;
      return utf8(value);
    }
  }
  return undefined;
}

const COMMON_NAME = '2.5.4.3';

function attributeText(attribute: Element): string | undefined {
  const [type, value, more] = attribute.tag === Tag.sequence ? (readElements(attribute.value) ?? []) : [];
  if (type?.tag !== Tag.oid || value === undefined || more !== undefined) return undefined;
  const oid = oidText(type.value);
  if (oid === undefined) return undefined;
  const name = ATTRIBUTE_NAMES.get(oid);
  const bytes = name === undefined ? undefined : utf8(value);
  // An unknown attribute, or a value that is not text: its DER in hex.
  return `${name ?? oid}=${bytes === undefined ? `#${value.whole.toString('hex').toUpperCase()}` : escapeValue(bytes)}`;
}

const UTF8_STRING = 12;
const UNIVERSAL_STRING = 28;
const BMP_STRING = 30;
/** Numeric, Printable, T61, IA5, UTCTime, GeneralizedTime and Visible strings: a byte is a character. */
const BYTE_STRINGS: ReadonlySet<number> = new Set([18, 19, 20, 22, 23, 24, 26]);

/** The text of a string value; undefined for the other types. */
function utf8(value: Element): Buffer | undefined {
  if (value.tag === UTF8_STRING) return value.value; // OpenSSL does not check it either: its bytes get escaped
  if (BYTE_STRINGS.has(value.tag)) return Buffer.from(value.value.toString('latin1'));
  const width = value.tag === BMP_STRING ? 2 : value.tag === UNIVERSAL_STRING ? 4 : 0;
  if (width === 0 || value.value.length % width !== 0) return undefined;
  let text = '';
  for (let at = 0; at < value.value.length; at += width) {
    const code = value.value.readUIntBE(at, width);
    if (code > 0x10ffff) return undefined;
    text += String.fromCodePoint(code);
  }
  return Buffer.from(text);
}

const SPECIAL = ',+"\\<>;';

function escapeValue(bytes: Buffer): string {
  let text = '';
  for (const [i, byte] of bytes.entries()) {
    const ch = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    else if (SPECIAL.includes(ch) || needsEscapeAt(ch, i, bytes.length)) text += `\\${ch}`;
    else text += ch;
  }
  return text;
}

/** A space at either end, and `#` in front, would be taken for something else. OpenSSL leaves a lone `#` alone. */
function needsEscapeAt(ch: string, at: number, length: number): boolean {
  return (ch === ' ' && (at === 0 || at === length - 1)) || (ch === '#' && at === 0 && length > 1);
}
