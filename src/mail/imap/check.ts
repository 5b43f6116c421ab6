// Whether an IMAP backend is well: it greets, and answers CAPABILITY.
import type { ProtocolCheck } from '../protocol.ts';
import { begins, type Dialogue, MORE, refused } from '../session/dialogue.ts';
import { ask } from './upgrade.ts';

const GREETING = Buffer.from('* OK');
const OK = Buffer.from('OK');
const TAG = Buffer.from('C1 ');

export const imapCheck: ProtocolCheck = { dialogue, farewell: Buffer.from('C2 LOGOUT\r\n') };

function* dialogue(): Dialogue {
  const greeting = yield MORE;
  if (!begins(greeting, GREETING)) return refused(greeting);
  const { reply, at } = yield* ask(TAG, 'CAPABILITY');
  return begins(reply, OK, at + TAG.length) ? { kind: 'logged-in', first: reply } : refused(reply, at);
}
