// What is being done with an upstream, and what goes wrong with its connection, in the words of nginx's log.
import type { ByteString } from '../../conf/directive.ts';
import { systemError } from '../../core/errno.ts';

export const SENDING = 'sending request to upstream';
export const READING_HEAD = 'reading response header from upstream';
export const READING_BODY = 'reading upstream';

export const PREMATURE = 'upstream prematurely closed connection';

/** Of a connection that stood. */
export function readFailure(error: Error): ByteString {
  const system = systemError(error);
  // An end without a reason is an ECONNRESET of node:http's own.
  if (system?.syscall === undefined) return PREMATURE;
  return `${system.syscall === 'write' ? 'send()' : 'recv()'} failed (${system.errno}: ${system.text})`;
}
