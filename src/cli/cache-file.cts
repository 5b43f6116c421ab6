// Where the build leaves what V8 has made of the program, for the Node.js that it runs on: a start need not compile then.
const { createHash }: typeof import('node:crypto') = require('node:crypto');
const { readFileSync, renameSync, writeFileSync }: typeof import('node:fs') = require('node:fs');

/** What this file exports. */
export interface CacheFile {
  readonly readCache: typeof readCache;
  readonly writeCache: typeof writeCache;
}

const nameOf = (file: string): string => `${file}.${process.version}-${process.arch}`;

/** V8 itself compares the length of the text only, and runs what it finds: a damaged cache would crash it. */
const digest = (text: Buffer, cache: Buffer): Buffer => createHash('sha256').update(text).update(cache).digest();
const DIGEST_BYTES = 32;

/** @param text of the program in `file` @returns undefined where there is no sound one of that text: starts take longer */
function readCache(file: string, text: Buffer): Buffer | undefined {
  try {
    const content = readFileSync(nameOf(file));
    const cache = content.subarray(DIGEST_BYTES);
    return digest(text, cache).equals(content.subarray(0, DIGEST_BYTES)) ? cache : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(file: string, text: Buffer, cache: Buffer): void {
  writeFileSync(`${nameOf(file)}.new`, Buffer.concat([digest(text, cache), cache]));
  renameSync(`${nameOf(file)}.new`, nameOf(file));
}

module.exports = { readCache, writeCache };
