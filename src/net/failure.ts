// How a broken connection reads in the log: the system call, the errno and the level that nginx would give.

import { systemError } from '../core/errno.ts';
import { Level } from '../core/log.ts';
import { opensslText } from './tls/openssl-error.ts';

/** Ordinary ends of a connection; anything else is news. */
const ORDINARY = new Set([
  'ECONNRESET',
  'EPIPE',
  'ENOTCONN',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
]);

/** A TCP connect that fails with one of these fails later, at the first read. */
const LATE = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET']);

export interface FailureRecord {
  readonly level: Level;
  readonly text: string;
  /** The system call that failed. */
  readonly call: 'connect()' | 'recv()' | 'send()' | 'SSL_read()';
}

/** @param address how the log names the peer, for `connect() to …`; `unix:` paths fail at once. */
export function upstreamFailure(error: Error, address: string): FailureRecord | undefined {
  const system = systemError(error);
  if (system === undefined) return undefined;
  const why = `failed (${system.errno}: ${system.text})`;
  const ordinary = ORDINARY.has(system.code);
  // Streams tell the binding to a local address apart.
  const connects = system.syscall === 'connect' || system.syscall === 'bind';
  if (connects && (address.startsWith('unix:') || !LATE.has(system.code))) {
    return {
      level: ordinary ? Level.error : Level.crit,
      text: `connect() to ${address} ${why}`,
      call: 'connect()',
    };
  }
  const call = system.syscall === 'write' ? 'send()' : 'recv()';
  return {
    level: ordinary ? Level.error : Level.alert,
    text: `${call} ${why}`,
    call,
  };
}

/** The same for the client's side of a session, where TLS may break as well. */
export function clientFailure(error: Error): FailureRecord | undefined {
  const system = systemError(error);
  if (system === undefined) {
    const queue = opensslText(error);
    if (queue === undefined) return undefined;
    return { level: Level.info, text: `SSL_read() failed (SSL: ${queue})`, call: 'SSL_read()' };
  }
  const call = system.syscall === 'write' ? 'send()' : 'recv()';
  return {
    level: ORDINARY.has(system.code) ? Level.info : Level.alert,
    text: `${call} failed (${system.errno}: ${system.text})`,
    call,
  };
}
