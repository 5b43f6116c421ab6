// STARTTLS at an SMTP backend (RFC 3207). The login behind it begins with EHLO again.
import type { ByteString } from '../../conf/directive.ts';
import { begins, MORE, send } from '../session/dialogue.ts';
import { distrusted, notOffered, START_TLS, tooMuch, type Upgrade } from '../session/upgrade.ts';
import { continues } from './login.ts';

const READY = Buffer.from('220');
const DONE = Buffer.from('250');
const STARTTLS = Buffer.from('STARTTLS\r\n');
const GREETING = Buffer.from('220 \r\n');
const DASH = 45;
const LF = 10;

export function* smtpUpgrade(serverName: ByteString): Upgrade {
  let reply = yield MORE;
  while (continues(reply)) reply = yield MORE;
  if (!begins(reply, READY)) return distrusted(reply);
  reply = yield send(Buffer.from(`EHLO ${serverName}\r\n`, 'latin1'), 'sending HELO/EHLO to upstream');
  while (continues(reply)) reply = yield MORE;
  if (!begins(reply, DONE)) return distrusted(reply);
  if (!/^250[ -]STARTTLS\r?$/im.test(reply.toString('latin1'))) return notOffered();
  reply = yield send(STARTTLS, 'sending STARTTLS to upstream');
  while (continues(reply)) reply = yield MORE;
  if (!begins(reply, READY)) return distrusted(reply);
  if (!isOneReply(reply)) return tooMuch();
  yield START_TLS;
  return { kind: 'secured', greeting: GREETING };
}

/** The last line is the only one that says that it is the last. */
function isOneReply(reply: Buffer): boolean {
  for (let at = 0; at < reply.length; ) {
    const next = reply.indexOf(LF, at) + 1;
    if ((reply[at + 3] === DASH) === (next === reply.length)) return false;
    at = next;
  }
  return true;
}
