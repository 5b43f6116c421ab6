// Whether a POP3 backend is well: it greets, and answers CAPA.
import type { ProtocolCheck } from '../protocol.ts';
import { begins, type Dialogue, MORE, refused } from '../session/dialogue.ts';
import { capabilities } from './upgrade.ts';

const OK = Buffer.from('+OK');
const ERROR = Buffer.from('-ERR');

export const pop3Check: ProtocolCheck = { dialogue, farewell: Buffer.from('QUIT\r\n') };

/** Servers need not know CAPA (RFC 2449 section 5). */
function* dialogue(): Dialogue {
  const greeting = yield MORE;
  if (!begins(greeting, OK)) return refused(greeting);
  const reply = yield* capabilities();
  return begins(reply, OK) || begins(reply, ERROR) ? { kind: 'logged-in', first: reply } : refused(reply);
}
