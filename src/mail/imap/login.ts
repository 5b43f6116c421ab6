// The login at an IMAP backend: LOGIN by synchronizing literals, which carry every byte, or in one line of strings.
import type { Credentials } from '../session/credentials.ts';
import { begins, type Dialogue, type LoginOptions, MORE, refused, send } from '../session/dialogue.ts';

const GREETING = Buffer.from('* OK');
const CONTINUE = Buffer.from('+');
const UNTAGGED = Buffer.from('* ');
const OK = Buffer.from('OK');
const CRLF = Buffer.from('\r\n');
const LF = 10;
/** Servers need not take longer lines than about 1000 bytes (RFC 2683 section 3.2.1.5). */
const MAX_QUOTED = 900;
const LOGIN = Buffer.from('LOGIN ');
const SPACE = Buffer.from(' ');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Shorter than this nothing is a reply. */
const MIN_REPLY = 4;

/**
 * @param tag the client's, with the space behind it.
 * @param form `quoted`: quoted strings, which save two round trips, where they can carry both values
 */
export function imapLogin(
  tag: Buffer,
  credentials: Credentials | undefined,
  form: LoginOptions['imapLogin'],
): Dialogue | undefined {
  const user = credentials?.user;
  const pass = credentials?.pass;
  if (user === undefined || pass === undefined) return undefined;
  const fits = 2 * (user.length + pass.length) <= MAX_QUOTED;
  if (form === 'quoted' && fits && isPrintable(user) && isPrintable(pass)) return oneLine(tag, user, pass);
  return dialogue(tag, user, pass);
}

/** Other bytes are possible in quoted strings only where a server says so (RFC 3501 section 9, RFC 6855). */
function isPrintable(value: Buffer): boolean {
  for (const byte of value) if (byte < 0x20 || byte > 0x7e) return false;
  return true;
}

function* oneLine(tag: Buffer, user: Buffer, pass: Buffer): Dialogue {
  const greeting = yield MORE;
  if (!begins(greeting, GREETING)) return refused(greeting);
  // As large as it can get: the password is written once, and overwritten there.
  const command = Buffer.allocUnsafe(tag.length + LOGIN.length + 2 * (user.length + pass.length) + 7);
  let at = tag.copy(command);
  at += LOGIN.copy(command, at);
  at = quote(command, quote(command, at, user, SPACE), pass, CRLF);
  const line = command.subarray(0, at);
  return yield* finalReply(tag, yield send(line, 'sending LOGIN command to upstream', true));
}

/** Writes a quoted string, and what follows it. @returns where that ends */
function quote(out: Buffer, start: number, value: Buffer, end: Buffer): number {
  let at = start;
  out[at++] = QUOTE;
  for (const byte of value) {
    if (byte === QUOTE || byte === BACKSLASH) out[at++] = BACKSLASH;
    out[at++] = byte;
  }
  out[at++] = QUOTE;
  return at + end.copy(out, at);
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
  const tagged = begins(reply, tag, start);
  if (tagged && begins(reply, OK, start + tag.length)) return { kind: 'logged-in', first: reply };
  return refused(reply, start + (tagged ? tag.length : 0));
}
