// The files of the page: part of this package, read together with the configuration and served from memory.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ByteString, type Environment, type Fault, whole, withReason } from '../../conf/directive.ts';

export interface PageFile {
  readonly contentType: ByteString;
  readonly body: Buffer;
  readonly etag: ByteString;
}

const TYPES: Readonly<Record<string, ByteString>> = {
  'index.html': 'text/html; charset=utf-8',
  'dashboard.js': 'text/javascript; charset=utf-8',
  'dashboard.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};
const PAGE = 'index.html';

export const PAGE_FILES: readonly string[] = Object.keys(TYPES);

/** @param folder with a slash at its end @returns by name, that of the page is empty; or what is missing */
export function readPageFiles(env: Environment, folder: ByteString): ReadonlyMap<ByteString, PageFile> | Fault {
  const files = new Map<ByteString, PageFile>();
  for (const [name, contentType] of Object.entries(TYPES)) {
    const path = `${folder}${name}`;
    const body = env.readFile(path);
    if (!Buffer.isBuffer(body)) return whole(withReason(`cannot read the dashboard's page "${path}"`, body));
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
    files.set(name === PAGE ? '' : name, { contentType, body, etag });
  }
  return files;
}

/** Beside the code that runs: in the bundle that is one file, of which `import.meta.url` is the path. */
export function pageFolder(): ByteString {
  const here = import.meta.url;
  const path = here.startsWith('file:')
    ? fileURLToPath(new URL('../../../dashboard/', here))
    : `${here.slice(0, here.lastIndexOf('/') + 1)}../dashboard/`;
  return Buffer.from(path).toString('latin1');
}
