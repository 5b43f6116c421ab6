// The version of this package.
import { createRequire } from 'node:module';

export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('postern/package.json');
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  return 'unknown';
}
