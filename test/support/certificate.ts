// The certificates of the tests: the ones in certs/ (see make.sh there), and self-made ones for other names.
import { join } from 'node:path';
import { run } from './children.ts';
import { ROOT } from './target.ts';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const FOLDER = join(ROOT, 'test', 'support', 'certs');

/** For mail.example, localhost and 127.0.0.1. */
export const serverCertificate: CertificateFiles = {
  cert: join(FOLDER, 'server-ec.pem'),
  key: join(FOLDER, 'server-ec.key'),
};

/** Writes `NAME.crt` and `NAME.key` (P-256, valid for the given names and for loopback) to a folder. */
export async function makeCertificate(
  dir: string,
  name = 'server',
  hosts: readonly string[] = ['localhost'],
): Promise<CertificateFiles> {
  const files = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  const names = [...hosts.map((h) => (/^[\d.]+$|:/.test(h) ? `IP:${h}` : `DNS:${h}`)), 'IP:127.0.0.1', 'IP:::1'];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const ran = await run('openssl', [
    ...args,
    ...['-subj', `/CN=${hosts[0] ?? 'localhost'}`, '-addext', `subjectAltName=${names.join(',')}`],
    ...['-keyout', files.key, '-out', files.cert],
  ]);
  if (ran.code !== 0) throw new Error(`openssl: ${ran.stderr}`);
  return files;
}
