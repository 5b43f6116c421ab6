// The login at a POP3 backend: always USER and PASS, whatever the client used.
import type { Credentials } from '../session/credentials.ts';
import { begins, type Dialogue, MORE, refused, send } from '../session/dialogue.ts';

const OK = Buffer.from('+OK');
const USER = Buffer.from('USER ');
const PASS = Buffer.from('PASS ');
const CRLF = Buffer.from('\r\n');

/**
 * undefined where the user or password holds a byte that would end its line: POP3 has no way to say it, and
 * sent raw it would inject commands.
 */
export function pop3Login(credentials: Credentials | undefined): Dialogue | undefined {
  const user = credentials?.user;
  const pass = credentials?.pass;
  if (user === undefined || pass === undefined || !fitsLine(user) || !fitsLine(pass)) return undefined;
  return dialogue(user, pass);
}

function* dialogue(user: Buffer, pass: Buffer): Dialogue {
  let reply = yield MORE;
  if (!begins(reply, OK)) return refused(reply);
  reply = yield send(Buffer.concat([USER, user, CRLF]), 'sending user name to upstream');
  if (!begins(reply, OK)) return refused(reply);
  reply = yield send(Buffer.concat([PASS, pass, CRLF]), 'sending password to upstream', true);
  if (!begins(reply, OK)) return refused(reply);
  return { kind: 'logged-in', first: reply };
}

function fitsLine(value: Buffer): boolean {
  return !value.includes(13) && !value.includes(10) && !value.includes(0);
}
