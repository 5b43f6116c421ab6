// The auth request that a session must cause, byte for byte.
import { TLSSocket } from 'node:tls';
import type { Wire } from '../wire.ts';
import type { Arena } from './arena.ts';
import type { Protocol } from './transport.ts';

export interface Asked {
  readonly method: 'plain' | 'apop' | 'cram-md5' | 'external' | 'xoauth2' | 'oauthbearer' | 'none';
  /** Percent-escaped, as in the request. */
  readonly user: string;
  readonly pass: string;
  readonly salt?: string;
  /** Default 1. */
  readonly attempt?: number;
  /** Method none: HELO name, MAIL and RCPT. */
  readonly envelope?: readonly [string, string, string];
}

export function expectedRequest(arena: Arena, protocol: Protocol, wire: Wire, asked: Asked): string {
  const lines = [
    'GET /auth HTTP/1.0',
    `Host: ${arena.auth.host}`,
    `Auth-Method: ${asked.method}`,
    `Auth-User: ${asked.user}`,
    `Auth-Pass: ${asked.pass}`,
    ...(asked.salt === undefined ? [] : [`Auth-Salt: ${asked.salt}`]),
    `Auth-Protocol: ${protocol}`,
    `Auth-Login-Attempt: ${asked.attempt ?? 1}`,
    `Client-IP: ${arena.transport.client}`,
    ...(protocol === 'smtp' ? ['Client-Host: [UNAVAILABLE]'] : []),
  ];
  const [helo, from, to] = asked.envelope ?? [];
  const envelope =
    helo === undefined ? '' : `Auth-SMTP-Helo: ${helo}\r\nAuth-SMTP-From: ${from}\r\nAuth-SMTP-To: ${to}\r\n`;
  return (
    lines.map((line) => `${line}\r\n`).join('') +
    arena.transport.proxyLines +
    envelope +
    (arena.transport.secure ? tlsLines(wire) : '') +
    'X-Proxy-Key: of the arena\r\n\r\n'
  );
}

function tlsLines(wire: Wire): string {
  const { socket } = wire;
  if (!(socket instanceof TLSSocket)) throw new Error('the session does not use TLS');
  return `Auth-SSL: on\r\nAuth-SSL-Protocol: ${socket.getProtocol()}\r\nAuth-SSL-Cipher: ${socket.getCipher().name}\r\n`;
}
