// Takes the PROXY header from the front of an accepted connection.
import type { ByteString } from '../../conf/directive.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import { type Connection, IGNORE } from '../connection.ts';
import type { Endpoint } from '../endpoint.ts';
import { PROXY_HEADER_MAX, type ProxyInfo, readProxyHeader } from './read.ts';

export interface ProxyHeaderEvents {
  /** The header is read; what follows it waits in the connection, which is paused. */
  accepted(info: ProxyInfo | undefined): void;
  /** The connection has to be closed. @param log why, at error; undefined: without a record */
  broken(log: ByteString | undefined): void;
  /** The client has nothing to send. */
  ended(): void;
  timedOut(): void;
  closed(error: Error | undefined): void;
}

/** What nginx makes of a client that ends without a header, in most places. */
export const NO_HEADER = 'broken header: ""';

/** The whole header must be in what the first read brings: at most 4096 bytes. */
export function acceptProxyHeader(conn: Connection, timeoutMs: number, events: ProxyHeaderEvents): void {
  conn.handler = {
    ...IGNORE,
    onData: (chunk) => {
      conn.pause();
      const read = readProxyHeader(chunk.subarray(0, PROXY_HEADER_MAX));
      if (read.kind !== 'ok') {
        events.broken(read.kind === 'bad' ? read.log : undefined);
        return;
      }
      conn.deadline(0);
      conn.unread(chunk.subarray(read.used));
      events.accepted(read.info);
    },
    onEof: () => events.ended(),
    onTimeout: () => events.timedOut(),
    onClose: (error) => events.closed(error),
  };
  conn.deadline(timeoutMs);
  conn.resume();
}

/** The client that a header names. Version 1 does not check its addresses; undefined: it is none. */
export function proxiedClient({ source, sourcePort }: ProxyInfo): Endpoint | undefined {
  const bytes = parseIp(source);
  return bytes === undefined ? undefined : { address: formatIp(bytes), port: sourcePort };
}
