// The PROXY header of a client's connection, and whom to believe it (realip).
import type { ByteString } from '../../conf/directive.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import { IGNORE } from '../../net/connection.ts';
import { type Endpoint, socketAddressOf } from '../../net/endpoint.ts';
import { PROXY_HEADER_MAX, readProxyHeader } from '../../net/proxy-protocol/read.ts';
import { loggableBuffer } from '../command/loggable.ts';
import type { MailProtocol } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import type { Session } from './session.ts';

export interface ProxyHeaderEvents {
  /** The header is read; what follows it waits in the connection. */
  accepted(): void;
  timedOut(): void;
  /** The connection ended, or has to: the header is broken, and why is in the log. */
  closed(error: Error | undefined): void;
}

/** The whole header must be in what the first read brings: at most 4096 bytes. */
export function acceptProxyHeader(session: Session, server: MailServer, events: ProxyHeaderEvents): void {
  const { conn } = session;
  session.action = 'reading PROXY protocol';
  conn.handler = {
    ...IGNORE,
    onData: (chunk) => {
      conn.pause();
      const read = readProxyHeader(chunk.subarray(0, PROXY_HEADER_MAX));
      if (read.kind === 'ok') {
        conn.deadline(0);
        conn.unread(chunk.subarray(read.used));
        session.proxyHeader = read.info;
        if (read.info !== undefined && server.realip.trusts(socketAddressOf(session.client))) {
          replaceClient(session, {
            address: read.info.source,
            port: read.info.sourcePort,
          });
        }
        events.accepted();
        return;
      }
      if (read.kind === 'bad') session.error(withoutSecrets(read.log, server.core.protocol.name));
      events.closed(undefined);
    },
    onEof: () => {
      session.error('broken header: ""');
      events.closed(undefined);
    },
    onTimeout: () => events.timedOut(),
    onClose: (error) => events.closed(error),
  };
  conn.deadline(server.core.timeoutMs);
  conn.resume();
}

/** Instead of a header a client may have sent its login. */
function withoutSecrets(text: ByteString, protocol: MailProtocol['name']): ByteString {
  const line = /^broken header: "(?!PROXY)(.*)"$/s.exec(text)?.[1];
  if (line === undefined || line === '') return text;
  return `broken header: "${loggableBuffer(protocol, Buffer.from(line, 'latin1'), false)}"`;
}

/** Version 1 does not check its addresses: one that is none changes nothing. */
function replaceClient(session: Session, client: Endpoint): void {
  const bytes = parseIp(client.address);
  if (bytes !== undefined) session.client = { address: formatIp(bytes), port: client.port };
}
