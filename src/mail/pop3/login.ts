// The login at a POP3 backend: USER and PASS, or SASL (RFC 5034).

import { authenticate, BARE_PROMPT, canSay, type SaslDialect, type SaslName } from '../sasl/backend.ts';
import type { BackendMechanism } from '../session/backend-auth.ts';
import type { Credentials } from '../session/credentials.ts';
import { begins, type Dialogue, MORE, refused, send } from '../session/dialogue.ts';

const OK = Buffer.from('+OK');
const USER = Buffer.from('USER ');
const PASS = Buffer.from('PASS ');
const CRLF = Buffer.from('\r\n');
const PLUS = 0x2b;
const SPACE = 0x20;
const CR = 13;

/** Without an initial response: large servers take none, and the round trip costs little beside a login. */
const DIALECT: SaslDialect = {
  command: Buffer.from('AUTH '),
  maxCommand: 0,
  action: 'sending AUTH to upstream',
  shortest: BARE_PROMPT,
  hear: (reply) => (reply[0] === PLUS && (reply[1] === SPACE || reply[1] === CR) ? 'prompt' : 'last'),
};

/**
 * undefined where the user or password holds a byte that would end its line: POP3 has no way to say it, and
 * sent raw it would inject commands.
 */
export function pop3Login(
  credentials: Credentials | undefined,
  mechanism: BackendMechanism = 'login',
): Dialogue | undefined {
  const user = credentials?.user;
  const pass = credentials?.pass;
  if (mechanism === 'none') return undefined;
  if (mechanism !== 'login') {
    return user === undefined || !canSay(mechanism, user, pass) ? undefined : bySasl(mechanism, user, pass ?? EMPTY);
  }
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

function* bySasl(mechanism: SaslName, user: Buffer, pass: Buffer): Dialogue {
  const greeting = yield MORE;
  if (!begins(greeting, OK)) return refused(greeting);
  const reply = yield* authenticate(DIALECT, mechanism, user, pass);
  return begins(reply, OK) ? { kind: 'logged-in', first: reply } : refused(reply);
}

function fitsLine(value: Buffer): boolean {
  return !value.includes(13) && !value.includes(10) && !value.includes(0);
}

const EMPTY = Buffer.alloc(0);
