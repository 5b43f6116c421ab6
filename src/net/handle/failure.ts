// A failed system call as Node.js streams report it.
import { systemError } from '../../core/errno.ts';

/** libuv's code for the end of the input. */
export const END_OF_FILE = -4095;

/** @param status what libuv gave: a negative errno */
export function systemFailure(
  status: number,
  syscall: 'accept' | 'bind' | 'connect' | 'read' | 'write' | 'shutdown',
): Error {
  const code = systemError({ errno: status })?.code ?? 'UNKNOWN';
  return Object.assign(new Error(`${syscall} ${code}`), { errno: status, code, syscall });
}
