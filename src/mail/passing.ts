// Sessions whose connections another module has accepted: what may come in so, and with what.
import type { ByteString } from '../conf/directive.ts';
import type { Connection } from '../net/connection.ts';
import type { Listen } from '../net/listen/options.ts';
import type { PassedClient } from '../net/loopback/passes.ts';
import type { TlsInfo } from '../net/tls/established.ts';
import { verifyClient } from '../net/tls/verify-client.ts';
import type { MailServer } from './server.ts';
import type { FlowOptions } from './session/flow-options.ts';

/** A connection that becomes a session. */
export interface Entry extends PassedClient {
  readonly conn: Connection;
  /** That it came in by; undefined: it was passed, with what a listen may ask for behind it. */
  readonly listen: Listen | undefined;
  readonly listenText: ByteString;
}

/** There is no TLS in what is passed, no PROXY header and no WebSocket. */
export const PASSED: FlowOptions = { ssl: false, proxyProtocol: false, websocket: false };

/** What the server wants of TLS, the client must have had with whoever passes it. */
export function mayPass({ ssl }: MailServer, listen: Listen, tls: TlsInfo | undefined): boolean {
  if (tls === undefined) return !listen.options.ssl && ssl.starttls !== 'only';
  return verifyClient(ssl.verifyClient, tls).kind === 'ok';
}
