// Tables for a terminal. What they show may come from anybody: nothing of it reaches the terminal but what is visible.

/** Control characters, and what turns the direction of text or hides in it. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NOT_ASCII = /[\u007f-\uffff]/g;

const escaped = (c: string): string => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;

/** @param value of JSON */
export const visible = (value: unknown): string =>
  (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '-')).replace(HIDDEN, escaped);

/** JSON in ASCII alone. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(NOT_ASCII, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Columns beside each other; a line that is too long is cut. @param width of the terminal; undefined: there is none */
export function table(rows: readonly (readonly unknown[])[], width?: number): string[] {
  const cells = rows.map((row) => row.map((cell) => [...visible(cell)]));
  const widths = (cells[0] ?? []).map((_, i) => cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0));
  return cells.map((row) => {
    const line = row.flatMap((cell, i) => [...cell, ...' '.repeat((widths[i] ?? 0) - cell.length + 2)]);
    const text = (width === undefined ? line : line.slice(0, width)).join('');
    return text.trimEnd();
  });
}
