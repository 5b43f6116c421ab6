// The server certificate of the tests; made by certs/make.sh.
import { join } from 'node:path';
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
