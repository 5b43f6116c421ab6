// What a client says to log in, and what it is told where that fails on our side.
import { saslPlain } from '../bytes.ts';
import type { Line } from './transcript.ts';
import type { Protocol } from './transport.ts';

export const INTERNAL: Readonly<Record<Protocol, Line>> = {
  imap: 'S: * BAD internal server error',
  pop3: 'S: -ERR internal server error',
  smtp: 'S: 451 4.3.2 Internal server error',
};

/** With the password `secret`. */
export function login(protocol: Protocol, user: string, ...end: Line[]): readonly Line[] {
  if (protocol === 'imap') return [`C: a LOGIN ${user} secret`, ...end];
  if (protocol === 'pop3') return [`C: USER ${user}`, 'S: +OK', 'C: PASS secret', ...end];
  return ['C: HELO c', 'S: 250 mx.example.org', `C: AUTH PLAIN ${saslPlain(user, 'secret')}`, ...end];
}
