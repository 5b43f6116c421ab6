// The PROXY header of a client's connection, and whom to believe it (realip).
import type { ByteString } from '../../conf/directive.ts';
import { socketAddressOf } from '../../net/endpoint.ts';
import { acceptProxyHeader, NO_HEADER, proxiedClient } from '../../net/proxy-protocol/accept.ts';
import { loggableBuffer } from '../command/loggable.ts';
import type { MailProtocol } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import type { Session } from './session.ts';

/** Of what comes before a session. */
export interface EntryEvents {
  /** It is read; what follows it waits in the connection. */
  accepted(): void;
  timedOut(): void;
  /** The connection ended, or has to: it is broken, and why is in the log. */
  closed(error: Error | undefined): void;
}

export function readSessionHeader(session: Session, server: MailServer, events: EntryEvents): void {
  session.action = 'reading PROXY protocol';
  acceptProxyHeader(session.conn, server.core.timeoutMs, {
    accepted: (info) => {
      session.proxyHeader = info;
      if (info !== undefined && server.realip.trusts(socketAddressOf(session.client))) {
        session.client = proxiedClient(info) ?? session.client;
      }
      events.accepted();
    },
    broken: (log) => {
      session.note('bad_proxy_header');
      if (log !== undefined) session.error(withoutSecrets(log, server.core.protocol.name));
      events.closed(undefined);
    },
    ended: () => {
      session.note('bad_proxy_header');
      session.error(NO_HEADER);
      events.closed(undefined);
    },
    timedOut: () => events.timedOut(),
    closed: (error) => events.closed(error),
  });
}

/** Instead of a header a client may have sent its login. */
function withoutSecrets(text: ByteString, protocol: MailProtocol['name']): ByteString {
  const line = /^broken header: "(?!PROXY)(.*)"$/s.exec(text)?.[1];
  if (line === undefined || line === '') return text;
  return `broken header: "${loggableBuffer(protocol, Buffer.from(line, 'latin1'), false)}"`;
}
