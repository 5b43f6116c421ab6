// The login at an IMAP backend: LOGIN by synchronizing literals, which carry every byte.
import type { Credentials } from '../session/credentials.ts';
import { begins, type Dialogue, type LoginEnd, MORE, refused, send } from '../session/dialogue.ts';

const GREETING = Buffer.from('* OK');
const CONTINUE = Buffer.from('+');
const UNTAGGED = Buffer.from('* ');
const CRLF = Buffer.from('\r\n');
const LF = 10;
/** Shorter than this nothing is a reply. */
const MIN_REPLY = 4;

/** @param tag the client's, with the space behind it. */
export function imapLogin(tag: Buffer, credentials: Credentials | undefined): Dialogue | undefined {
  const user = credentials?.user;
  const pass = credentials?.pass;
  if (user === undefined || pass === undefined) return undefined;
  return dialogue(tag, user, pass);
}

function* dialogue(tag: Buffer, user: Buffer, pass: Buffer): Dialogue {
  let reply = yield MORE;
  if (!begins(reply, GREETING)) return refused(reply);
  const command = Buffer.concat([tag, Buffer.from(`LOGIN {${user.length}}\r\n`)]);
  reply = yield send(command, 'sending LOGIN command to upstream');
  if (!begins(reply, CONTINUE)) return refused(reply);
  reply = yield send(Buffer.concat([user, Buffer.from(` {${pass.length}}\r\n`)]), 'sending user name to upstream');
  if (!begins(reply, CONTINUE)) return refused(reply);
  reply = yield send(Buffer.concat([pass, CRLF]), 'sending password to upstream', true);
  return yield* finalReply(tag, reply);
}

/** One untagged line may come before the tagged one; it goes to the client as well. */
function* finalReply(tag: Buffer, first: Buffer): Dialogue {
  let reply = first;
  let start = 0;
  if (begins(reply, UNTAGGED)) {
    start = reply.indexOf(LF) + 1;
    while (reply.length - start < MIN_REPLY) reply = yield MORE;
  }
  const tagged = begins(reply.subarray(start), tag);
  const accepted = Buffer.concat([tag, Buffer.from('OK')]);
  if (begins(reply.subarray(start), accepted)) return loggedIn(reply);
  return refused(reply, start + (tagged ? tag.length : 0));
}

const loggedIn = (reply: Buffer): LoginEnd => ({
  kind: 'logged-in',
  first: reply,
});
