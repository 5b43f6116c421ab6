// What can be seen of a TLS connection from outside: the types of its records.

export const RecordType = { alert: 21, handshake: 22, data: 23 } as const;

/** Of the records that are whole. */
export function recordTypes(stream: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 5 <= stream.length; at += 5 + stream.readUInt16BE(at + 3)) types.push(stream[at] ?? 0);
  return types;
}

/** There is nothing between its records, nor behind them: a text in clear is no record. */
export function isAllRecords(stream: Buffer): boolean {
  let at = 0;
  while (at + 5 <= stream.length) {
    const type = stream[at] ?? 0;
    if (type < 20 || type > 23 || stream[at + 1] !== 3) return false;
    at += 5 + stream.readUInt16BE(at + 3);
  }
  return at === stream.length;
}
