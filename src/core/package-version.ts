// The version of this package.

/** What the bundle has in place of it: there is nothing to be read at a start. */
declare const POSTERN_VERSION: unknown;

export function packageVersion(): string {
  if (typeof POSTERN_VERSION === 'string') return POSTERN_VERSION;
  const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const manifest: unknown = require('postern/package.json');
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  return 'unknown';
}
