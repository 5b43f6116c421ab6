// Whether an SMTP backend is well: it greets, and takes EHLO.
import type { ByteString } from '../../conf/directive.ts';
import type { ProtocolCheck } from '../protocol.ts';
import { begins, type Dialogue, MORE, refused, send } from '../session/dialogue.ts';
import { continues } from './login.ts';

const READY = Buffer.from('220');
const DONE = Buffer.from('250');

export const smtpCheck: ProtocolCheck = { dialogue, farewell: Buffer.from('QUIT\r\n') };

function* dialogue(serverName: ByteString): Dialogue {
  let reply = yield MORE;
  while (continues(reply)) reply = yield MORE;
  if (!begins(reply, READY)) return refused(reply);
  reply = yield send(Buffer.from(`EHLO ${serverName}\r\n`, 'latin1'), 'sending HELO/EHLO to upstream');
  while (continues(reply)) reply = yield MORE;
  return begins(reply, DONE) ? { kind: 'logged-in', first: reply } : refused(reply);
}
