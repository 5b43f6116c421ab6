// Reads DER (ITU-T X.690) as far as certificates and TLS sessions need it; every length is checked.

/** Tag numbers with their class and "constructed" bits, as the first byte holds them. */
export const Tag = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
} as const;

/** One element: the bytes of its value, and the whole of it. */
export interface Element {
  readonly tag: number;
  readonly value: Buffer;
  readonly whole: Buffer;
}

/**
 * The elements that make up `data`, in order.
 * @returns undefined where a length is not in DER form or runs past the end, or where a tag has more than one byte.
 */
export function readElements(data: Buffer): readonly Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < data.length; ) {
    const element = readElement(data, at);
    if (element === undefined) return undefined;
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The element that begins at an offset; more may follow it. */
export function readElement(data: Buffer, at = 0): Element | undefined {
  const tag = data[at];
  const first = data[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const bytes = first & 0x7f;
    if (bytes < 1 || bytes > 4 || start + bytes > data.length) return undefined;
    length = data.readUIntBE(start, bytes);
    start += bytes;
  }
  const end = start + length;
  if (end > data.length) return undefined;
  return {
    tag,
    value: data.subarray(start, end),
    whole: data.subarray(at, end),
  };
}

/** The value of an OBJECT IDENTIFIER in dotted form; undefined where it is malformed or a part exceeds 2^53. */
export function oidText(value: Buffer): string | undefined {
  const parts: number[] = [];
  let part = 0;
  for (const [i, byte] of value.entries()) {
    part = part * 128 + (byte & 0x7f);
    if (part > Number.MAX_SAFE_INTEGER) return undefined;
    if ((byte & 0x80) !== 0) {
      if (i === value.length - 1) return undefined;
      continue;
    }
    if (parts.length === 0) {
      const top = Math.min(Math.floor(part / 40), 2);
      parts.push(top, part - top * 40);
    } else {
      parts.push(part);
    }
    part = 0;
  }
  return parts.length === 0 ? undefined : parts.join('.');
}
