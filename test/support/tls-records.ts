// What can be seen of a TLS connection from outside: the types of its records.

export const RecordType = { alert: 21, handshake: 22, data: 23 } as const;

/** Of the records that are whole. */
export function recordTypes(stream: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 5 <= stream.length; at += 5 + stream.readUInt16BE(at + 3)) types.push(stream[at] ?? 0);
  return types;
}
