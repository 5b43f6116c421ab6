// The login at an SMTP backend: EHLO, XCLIENT, the client's own EHLO, then AUTH, or MAIL and RCPT, or nothing.
import type { ByteString } from '../../conf/directive.ts';
import { encodeBase64 } from '../sasl/base64.ts';
import { begins, type Dialogue, type LoginOptions, MORE, refused, send } from '../session/dialogue.ts';
import type { Session } from '../session/session.ts';
import type { Envelope } from './envelope.ts';
import { xtext } from './xtext.ts';

const READY = Buffer.from('220');
const DONE = Buffer.from('250');
const ACCEPTED = Buffer.from('235');
const CRLF = Buffer.from('\r\n');
/** What the client gets for a successful AUTH, whatever the backend said. */
const LOGGED_IN = Buffer.from('235 2.0.0 OK\r\n');
const DASH = 45;
const LF = 10;

/** undefined where a value holds a byte that the command for the backend has no way to say. */
export function smtpLogin(session: Session, envelope: Envelope, options: LoginOptions): Dialogue | undefined {
  const { credentials } = session;
  const withoutAuth = credentials === undefined || credentials.method === 'none';
  const said = [options.xclient ? envelope.helo : undefined, ...(withoutAuth ? [envelope.from, envelope.to] : [])];
  if (said.some((text) => text?.includes(0))) return undefined;
  // A NUL would move the border between the user and the password of PLAIN.
  const inPlain = options.smtpAuth && !withoutAuth;
  if (inPlain && (credentials.user.includes(0) || credentials.pass?.includes(0))) return undefined;
  return dialogue(session, envelope, options);
}

function* dialogue(session: Session, envelope: Envelope, options: LoginOptions): Dialogue {
  const { credentials, serverName } = session;
  const withoutAuth = credentials === undefined || credentials.method === 'none';
  let reply = yield MORE;
  while (continues(reply)) reply = yield MORE;
  if (!begins(reply, READY)) return refused(reply);

  const hello = envelope.esmtp || options.xclient ? 'EHLO' : 'HELO';
  reply = yield send(Buffer.from(`${hello} ${serverName}\r\n`, 'latin1'), 'sending HELO/EHLO to upstream');
  while (continues(reply)) reply = yield MORE;
  if (!begins(reply, DONE)) return refused(reply);

  if (options.xclient) {
    reply = yield send(xclient(session, options), 'sending XCLIENT to upstream');
    while (continues(reply)) reply = yield MORE;
    if (!begins(reply, READY) && !begins(reply, DONE)) return refused(reply);
    if (envelope.helo !== undefined) {
      const own = Buffer.concat([Buffer.from(envelope.esmtp ? 'EHLO ' : 'HELO '), envelope.helo, CRLF]);
      reply = yield send(own, 'sending client HELO/EHLO to upstream');
      while (continues(reply)) reply = yield MORE;
      if (!begins(reply, DONE)) return refused(reply);
    }
  }

  if (withoutAuth) {
    reply = yield send(Buffer.concat([envelope.from ?? EMPTY, CRLF]), 'sending MAIL FROM to upstream');
    while (continues(reply)) reply = yield MORE;
    if (!begins(reply, DONE)) return refused(reply);
    reply = yield send(Buffer.concat([envelope.to ?? EMPTY, CRLF]), 'sending RCPT TO to upstream');
    while (continues(reply)) reply = yield MORE;
    return { kind: 'logged-in', first: reply };
  }
  if (options.smtpAuth) {
    const action = 'sending AUTH to upstream';
    if (credentials.pass === undefined) return { kind: 'failed', why: 'no password available', action };
    reply = yield send(authPlain(credentials.user, credentials.pass), action, true);
    while (continues(reply)) reply = yield MORE;
    if (!begins(reply, ACCEPTED)) return refused(reply);
  }
  return { kind: 'logged-in', first: LOGGED_IN };
}

/** Of a multi-line reply the last line is the one without `-` behind its code. */
function continues(reply: Buffer): boolean {
  if (reply[3] !== DASH) return false;
  const start = reply.lastIndexOf(LF, reply.length - 2) + 1;
  return reply[start + 3] === DASH;
}

function xclient(session: Session, options: LoginOptions): Buffer {
  const { credentials } = session;
  const client = session.clientText;
  const address: ByteString = client.includes(':') && client !== 'unix:' ? `IPV6:${client}` : client;
  const user = credentials?.user ?? EMPTY;
  const login = user.length > 0 && !options.smtpAuth ? ` LOGIN=${xtext(user)}` : '';
  return Buffer.from(`XCLIENT ADDR=${address}${login} NAME=${session.clientHost}\r\n`, 'latin1');
}

/** Without a string on the way, so that all of it can be overwritten. */
function authPlain(user: Buffer, pass: Buffer): Buffer {
  const message = Buffer.concat([NUL, user, NUL, pass]);
  const encoded = encodeBase64(message);
  const command = Buffer.concat([AUTH_PLAIN, encoded, CRLF]);
  message.fill(0);
  encoded.fill(0);
  return command;
}

const NUL = Buffer.from([0]);
const AUTH_PLAIN = Buffer.from('AUTH PLAIN ');
const EMPTY = Buffer.alloc(0);
