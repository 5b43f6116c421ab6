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
  readonly call: 'bind()' | 'connect()' | 'recv()' | 'send()' | 'SSL_read()';
}

/** Where the result of connecting is asked for before anything is read. @param address as for `upstreamFailure` */
export function connectFailure(error: Error, address: string): Pick<FailureRecord, 'level' | 'text'> {
  const system = systemError(error);
  if (system === undefined) return { level: Level.error, text: `connect() failed: ${error.message}` };
  const why = `failed (${system.errno}: ${system.text})`;
  if (system.syscall === 'bind') return { level: Level.crit, text: `bind(${localEnd(error)}) ${why}` };
  const isLate = !address.startsWith('unix:') && LATE.has(system.code);
  return {
    level: ORDINARY.has(system.code) ? Level.error : Level.crit,
    text: isLate ? `connect() ${why}` : `connect() to ${address} ${why}`,
  };
}

/** @param address how the log names the peer, for `connect() to …`; `unix:` paths fail at once. */
export function upstreamFailure(error: Error, address: string): FailureRecord | undefined {
  const system = systemError(error);
  if (system === undefined) return tlsFailure(error, Level.error);
  const why = `failed (${system.errno}: ${system.text})`;
  if (system.syscall === 'bind') return { level: Level.crit, text: `bind(${localEnd(error)}) ${why}`, call: 'bind()' };
  const ordinary = ORDINARY.has(system.code);
  if (system.syscall === 'connect' && (address.startsWith('unix:') || !LATE.has(system.code))) {
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

/** The connection could not come from the address that it should: its peer has no part in it. */
export const isBindFailure = (error: Error | undefined): boolean => systemError(error)?.syscall === 'bind';

/** The address that a connection should have come from. */
function localEnd(error: Error): string {
  if (!('address' in error)) return '';
  const port = 'port' in error && typeof error.port === 'number' ? error.port : 0;
  return port === 0 ? `${error.address}` : `${error.address}:${port}`;
}

/** The same for the client's side of a session. */
export function clientFailure(error: Error): FailureRecord | undefined {
  const system = systemError(error);
  if (system === undefined) return tlsFailure(error, Level.info);
  const call = system.syscall === 'write' ? 'send()' : 'recv()';
  return {
    level: ORDINARY.has(system.code) ? Level.info : Level.alert,
    text: `${call} failed (${system.errno}: ${system.text})`,
    call,
  };
}

function tlsFailure(error: Error, level: Level): FailureRecord | undefined {
  const queue = opensslText(error);
  return queue === undefined ? undefined : { level, text: `SSL_read() failed (SSL: ${queue})`, call: 'SSL_read()' };
}
