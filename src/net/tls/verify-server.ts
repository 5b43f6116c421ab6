// Whether a server that we went to is the one that is wanted: its chain, its name, and the certificates that are pinned.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import type { ClientTls } from './client-context.ts';
import { peerOf, type TlsEnd } from './established.ts';
import { matchesName } from './peer-name.ts';
import { verifyResultOf } from './verify-codes.ts';

/**
 * A session that is resumed was made with a server that was found good, by the same rules: its certificate does not
 * come again.
 * @param name whom the certificate has to name, where it is verified
 * @returns why it is not that server, for the log
 */
export function serverRefusal(end: TlsEnd, tls: ClientTls, name: ByteString): ByteString | undefined {
  if (end.resumed() || (!tls.verify && tls.pins.length === 0)) return undefined;
  const peer = peerOf(end);
  if (peer === undefined) return 'upstream sent no SSL certificate';
  if (tls.verify) {
    const error = end.verifyError();
    const { code, text } = error === null ? tls.verifyDepth.check(peer, false) : verifyResultOf(error);
    if (code !== 0) return `upstream SSL certificate verify error: (${code}:${text})`;
    if (!matchesName(peer, name)) return `upstream SSL certificate does not match "${name}"`;
  }
  return isPinned(peer.raw, tls.pins) ? undefined : 'upstream SSL certificate is not pinned';
}

/** Also where there are no pins. Takes the same time for each of them. */
function isPinned(certificate: Buffer, pins: readonly Buffer[]): boolean {
  if (pins.length === 0) return true;
  const digest = createHash('sha256').update(certificate).digest();
  let isFound = false;
  for (const pin of pins) isFound = timingSafeEqual(pin, digest) || isFound;
  return isFound;
}
