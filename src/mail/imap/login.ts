// The login at an IMAP backend: LOGIN by synchronizing literals, which carry every byte, or in one line of strings, or
// AUTHENTICATE.

import { authenticate, BARE_PROMPT, canSay, type Said, type SaslDialect, type SaslName } from '../sasl/backend.ts';
import type { BackendMechanism } from '../session/backend-auth.ts';
import type { Credentials } from '../session/credentials.ts';
import { begins, type Dialogue, type LoginOptions, MIN_REPLY, MORE, refused, send } from '../session/dialogue.ts';

const GREETING = Buffer.from('* OK');
const CONTINUE = Buffer.from('+');
const UNTAGGED = Buffer.from('* ');
const OK = Buffer.from('OK');
const CRLF = Buffer.from('\r\n');
const LF = 10;
/** Servers need not take longer lines than about 1000 bytes (RFC 2683 section 3.2.1.5). */
const MAX_QUOTED = 900;
const LOGIN = Buffer.from('LOGIN ');
const AUTHENTICATE = Buffer.from('AUTHENTICATE ');
/** The capabilities in a greeting: the server takes initial responses (RFC 4959). */
const INITIAL_RESPONSES = /^\* OK \[CAPABILITY [^\]\r\n]*(?<= )SASL-IR[ \]]/i;
const SPACE = Buffer.from(' ');
const PLUS = 0x2b;
const EMPTY = Buffer.alloc(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * @param tag the client's, with the space behind it.
 * @param form `quoted`: quoted strings, which save two round trips, where they can carry both values
 */
export function imapLogin(
  tag: Buffer,
  credentials: Credentials | undefined,
  form: LoginOptions['imapLogin'],
  mechanism: BackendMechanism = 'login',
): Dialogue | undefined {
  const user = credentials?.user;
  const pass = credentials?.pass;
  if (mechanism === 'none' || user === undefined) return undefined;
  if (mechanism !== 'login') {
    return canSay(mechanism, user, pass) ? bySasl(tag, mechanism, user, pass ?? EMPTY) : undefined;
  }
  if (pass === undefined) return undefined;
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

function* bySasl(tag: Buffer, mechanism: SaslName, user: Buffer, pass: Buffer): Dialogue {
  const greeting = yield MORE;
  if (!begins(greeting, GREETING)) return refused(greeting);
  const dialect: SaslDialect = {
    command: Buffer.concat([tag, AUTHENTICATE]),
    maxCommand: INITIAL_RESPONSES.test(greeting.toString('latin1')) ? Number.POSITIVE_INFINITY : 0,
    action: 'sending AUTHENTICATE command to upstream',
    shortest: BARE_PROMPT,
    hear,
  };
  const reply = yield* authenticate(dialect, mechanism, user, pass);
  const start = behindUntagged(reply);
  const tagged = begins(reply, tag, start);
  if (tagged && begins(reply, OK, start + tag.length)) return { kind: 'logged-in', first: reply };
  return refused(reply, start + (tagged ? tag.length : 0));
}

function hear(reply: Buffer): Said {
  const start = behindUntagged(reply);
  if (start === reply.length) return 'more';
  return reply[start] === PLUS ? 'prompt' : 'last';
}

/** Where the first line begins that says how it goes on. */
function behindUntagged(reply: Buffer): number {
  let at = 0;
  while (begins(reply, UNTAGGED, at)) at = reply.indexOf(LF, at) + 1;
  return at;
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
