// The login at an SMTP backend: EHLO, XCLIENT, the client's own EHLO, then AUTH, or MAIL and RCPT, or nothing.
import type { ByteString } from '../../conf/directive.ts';
import { authenticate, canSay, type SaslDialect } from '../sasl/backend.ts';
import { type BackendMechanism, needsPassword } from '../session/backend-auth.ts';
import { begins, type Dialogue, type LoginOptions, MIN_REPLY, MORE, refused, send } from '../session/dialogue.ts';
import type { Session } from '../session/session.ts';
import type { Envelope } from './envelope.ts';
import { xtext } from './xtext.ts';

const READY = Buffer.from('220');
const DONE = Buffer.from('250');
const ACCEPTED = Buffer.from('235');
const CRLF = Buffer.from('\r\n');
/** What the client gets for a successful AUTH, whatever the backend said. */
const LOGGED_IN = Buffer.from('235 2.0.0 OK\r\n');
const PROMPT = Buffer.from('334');
const DASH = 45;
const LF = 10;

/** A command has at most 512 bytes (RFC 4954 section 4): a longer initial response waits for the prompt. */
const AUTH: SaslDialect = {
  command: Buffer.from('AUTH '),
  maxCommand: 512,
  action: 'sending AUTH to upstream',
  shortest: MIN_REPLY,
  hear: (reply) => {
    if (continues(reply)) return 'more';
    return begins(reply, PROMPT) ? 'prompt' : 'last';
  },
};
/** As nginx says it, however long it is. */
const AUTH_PLAIN: SaslDialect = { ...AUTH, maxCommand: Number.POSITIVE_INFINITY };

/** undefined where a value holds a byte that the command for the backend has no way to say. */
export function smtpLogin(
  session: Session,
  envelope: Envelope,
  options: LoginOptions,
  mechanism: BackendMechanism,
): Dialogue | undefined {
  const { credentials } = session;
  const withoutAuth = credentials === undefined || credentials.method === 'none';
  const said = [options.xclient ? envelope.helo : undefined, ...(withoutAuth ? [envelope.from, envelope.to] : [])];
  if (said.some((text) => text?.includes(0))) return undefined;
  if (mechanism !== 'none' && !canSay(mechanism, credentials?.user ?? EMPTY, credentials?.pass)) return undefined;
  return dialogue(session, envelope, options, mechanism);
}

function* dialogue(session: Session, envelope: Envelope, options: LoginOptions, mechanism: BackendMechanism): Dialogue {
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
    reply = yield send(xclient(session, mechanism), 'sending XCLIENT to upstream');
    while (continues(reply)) reply = yield MORE;
    if (!begins(reply, READY) && !begins(reply, DONE)) return refused(reply);
    if (envelope.helo !== undefined) {
      const own = Buffer.concat([Buffer.from(envelope.esmtp ? 'EHLO ' : 'HELO '), envelope.helo, CRLF]);
      reply = yield send(own, 'sending client HELO/EHLO to upstream');
      while (continues(reply)) reply = yield MORE;
      if (!begins(reply, DONE)) return refused(reply);
    }
  }

  if (mechanism !== 'none') {
    const user = credentials?.user ?? EMPTY;
    const pass = credentials?.pass;
    if (pass === undefined && needsPassword(mechanism)) {
      return { kind: 'failed', why: 'no password available', action: AUTH.action };
    }
    reply = yield* authenticate(mechanism === 'plain' ? AUTH_PLAIN : AUTH, mechanism, user, pass ?? EMPTY);
    if (!begins(reply, ACCEPTED)) return refused(reply);
  }
  if (withoutAuth) {
    reply = yield send(Buffer.concat([envelope.from ?? EMPTY, CRLF]), 'sending MAIL FROM to upstream');
    while (continues(reply)) reply = yield MORE;
    if (!begins(reply, DONE)) return refused(reply);
    reply = yield send(Buffer.concat([envelope.to ?? EMPTY, CRLF]), 'sending RCPT TO to upstream');
    while (continues(reply)) reply = yield MORE;
    return { kind: 'logged-in', first: reply };
  }
  return { kind: 'logged-in', first: LOGGED_IN };
}

/** Of a multi-line reply the last line is the one without `-` behind its code. */
export function continues(reply: Buffer): boolean {
  if (reply[3] !== DASH) return false;
  const start = reply.lastIndexOf(LF, reply.length - 2) + 1;
  return reply[start + 3] === DASH;
}

function xclient(session: Session, mechanism: BackendMechanism): Buffer {
  const { credentials } = session;
  const client = session.clientText;
  const address: ByteString = client.includes(':') && client !== 'unix:' ? `IPV6:${client}` : client;
  const user = credentials?.user ?? EMPTY;
  const login = user.length > 0 && mechanism === 'none' ? ` LOGIN=${xtext(user)}` : '';
  return Buffer.from(`XCLIENT ADDR=${address}${login} NAME=${session.clientHost}\r\n`, 'latin1');
}

const EMPTY = Buffer.alloc(0);
