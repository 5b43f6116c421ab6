// Certificates that are found by name: how many are kept, for how long, and what is no certificate file.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCertificateFile } from '../../../../src/net/tls/certificate-file.ts';
import type { CertificateCache } from '../../../../src/net/tls/certificate-store.ts';
import { namedCertificates } from '../../../../src/net/tls/named-certificates.ts';
import { SessionZones } from '../../../../src/net/tls/session-zones.ts';
import { Cleanup } from '../../../support/cleanup.ts';
import { CERTS, tlsFiles, tlsSettings } from '../../../support/tls.ts';
import { temporaryFolder } from '../../../support/tmp.ts';

function folderOf(t: TestContext): string {
  const scope = new Cleanup();
  t.after(() => scope.run());
  return temporaryFolder(scope, 'certificates');
}

/** The certificates of a folder, by the names of their files. */
function certificatesIn(folder: string, cache: Partial<CertificateCache>) {
  const limits = { max: 10, inactiveMs: 1e9, validMs: 1e9, ...cache };
  const named = namedCertificates(tlsSettings(), { ...tlsFiles, confPrefix: `${folder}/` }, new SessionZones(), limits);
  return {
    put: (name: string, kind: 'rsa' | 'ec'): void => {
      copyFileSync(join(CERTS, `server-${kind}.pem`), join(folder, `${name}.pem`));
      copyFileSync(join(CERTS, `server-${kind}.key`), join(folder, `${name}.key`));
    },
    find: (name: string, nowMs: number) => named.find([`${name}.pem`], [`${name}.key`], nowMs),
  };
}

test('the same is used as long as it is valid, and where the bytes are the same', (t) => {
  const { put, find } = certificatesIn(folderOf(t), { validMs: 100 });
  put('a', 'rsa');
  const first = find('a', 0);
  put('a', 'ec');
  assert.equal(find('a', 99), first);
  const second = find('a', 100);
  assert.notEqual(second, first);
  assert.equal(find('a', 300), second);
  assert.equal(find('a', 301), second);
});

test('what was not used for a time is forgotten, and what is too much', (t) => {
  const { put, find } = certificatesIn(folderOf(t), { max: 2, inactiveMs: 1000 });
  for (const name of ['a', 'b', 'c']) put(name, 'ec');
  const a = find('a', 0);
  const b = find('b', 500);
  assert.equal(find('a', 999), a);
  assert.equal(find('b', 1400), b);
  const anew = find('a', 2000);
  assert.notEqual(anew, a);
  assert.equal(find('b', 2001), b);
  find('c', 2002);
  assert.equal(find('b', 2003), b);
  assert.notEqual(find('a', 2004), anew);
});

test('one that cannot be used is an error each time, and does no harm to others', (t) => {
  const { put, find } = certificatesIn(folderOf(t), {});
  put('a', 'ec');
  const a = find('a', 0);
  for (let i = 0; i < 3; i++) assert.throws(() => find('b', 1), /cannot load certificate "[^"]*\/b\.pem"/);
  assert.equal(find('a', 2), a);
  put('b', 'rsa');
  find('b', 3);
});

test('what is no plain file is empty, and a large one is not read', (t) => {
  const folder = folderOf(t);
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  writeFileSync(at('large'), '');
  truncateSync(at('large'), 1024 * 1024 + 1);
  writeFileSync(at('good'), 'text');
  const errno = (path: string): unknown => {
    const content = readCertificateFile(path);
    return Buffer.isBuffer(content) ? content.toString() : content.errno;
  };
  assert.deepEqual([at('folder'), at('pipe'), at('large'), at('good'), at('none'), 'a\0b'].map(errno), [
    21,
    21,
    27,
    'text',
    2,
    2,
  ]);
});
