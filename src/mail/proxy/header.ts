// The PROXY header for a backend, from what is known of the session.

import { type ProxyTls, proxyHeaderV1, proxyHeaderV2 } from '../../net/proxy-protocol/write.ts';
import type { ServerTls } from '../../net/tls/context.ts';
import { certificateFacts } from '../../net/x509/certificate-facts.ts';
import type { Session } from '../session/session.ts';
import type { ProxyVersion } from './module.ts';

/** The client's address is the one after realip, the server's is where the connection really came in. */
export function proxyHeaderFor(
  version: ProxyVersion,
  session: Session,
  server: ServerTls | undefined,
): Buffer | undefined {
  if (version === 0) return undefined;
  const local = session.local ?? { address: session.listenText, port: 0 };
  if (version === 1) return proxyHeaderV1(session.client, local);
  return proxyHeaderV2(session.client, local, tlsFacts(session, server));
}

function tlsFacts(session: Session, server: ServerTls | undefined): ProxyTls | undefined {
  const { tls } = session;
  if (tls === undefined) return undefined;
  const certificate = tls.peerCertificate;
  const ours = server?.certificateFacts(tls);
  return {
    servername: tls.servername,
    alpn: tls.alpn,
    version: tls.protocol,
    cipher: tls.cipher,
    hasCert: certificate !== undefined,
    resumed: tls.resumed,
    verifyResult: tls.verify.code,
    commonName: certificate === undefined ? undefined : certificateFacts(certificate).commonName,
    sigAlg: ours?.sigAlg,
    keyType: ours?.keyType,
  };
}
