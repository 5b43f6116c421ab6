// Where the build leaves what V8 has made of the program, for the Node.js that it runs on: a start need not compile then.
const { createHash }: typeof import('node:crypto') = require('node:crypto');
const { readFileSync, writeFileSync }: typeof import('node:fs') = require('node:fs');

/** What this file exports. */
export interface CacheFile {
  readonly readCache: typeof readCache;
  readonly writeCache: typeof writeCache;
}

const nameOf = (file: string): string => `${file}.${process.version}-${process.arch}`;

/** V8 itself compares the length of the text only. */
const digest = (text: Buffer): Buffer => createHash('sha256').update(text).digest();

/** @param text of the program in `file` @returns undefined where there is none of that very text: starts take longer */
function readCache(file: string, text: Buffer): Buffer | undefined {
  try {
    const content = readFileSync(nameOf(file));
    const mark = digest(text);
    return content.subarray(0, mark.length).equals(mark) ? content.subarray(mark.length) : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(file: string, text: Buffer, cache: Buffer): void {
  writeFileSync(nameOf(file), Buffer.concat([digest(text), cache]));
}

module.exports = { readCache, writeCache };
