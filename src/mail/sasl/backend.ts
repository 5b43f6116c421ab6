// SASL at a backend: what each mechanism says, and the exchange, which is the same in the three protocols.
import type { BackendMechanism } from '../session/backend-auth.ts';
import { MORE, type Step, send } from '../session/dialogue.ts';
import { encodeBase64 } from './base64.ts';

export type SaslName = Exclude<BackendMechanism, 'none'>;

/** A reply of the backend: not whole yet, a prompt, or the last one. */
export type Said = 'more' | 'prompt' | 'last';

/** `+` and a line's end. */
export const BARE_PROMPT = 3;

/** How a protocol carries SASL. */
export interface SaslDialect {
  /** What stands before the mechanism's name. */
  readonly command: Buffer;
  /** The longest command that may have an initial response; 0: none has one. */
  readonly maxCommand: number;
  /** For the log. */
  readonly action: string;
  /** How many bytes a reply has at least. */
  readonly shortest: number;
  hear(reply: Buffer): Said;
}

const NAMES: Readonly<Record<SaslName, Buffer>> = {
  login: Buffer.from('LOGIN'),
  plain: Buffer.from('PLAIN'),
  xoauth2: Buffer.from('XOAUTH2'),
  oauthbearer: Buffer.from('OAUTHBEARER'),
  external: Buffer.from('EXTERNAL'),
};
const NUL = 0;
const SEPARATOR = 1;
const EMPTY = Buffer.alloc(0);
const CRLF = Buffer.from('\r\n');
const SPACE = Buffer.from(' ');
/** An initial response that is empty. */
const EQUALS = Buffer.from('=');
const ZERO = Buffer.from([NUL]);
const USER = Buffer.from('user=');
const GS2 = Buffer.from('n,a=');
const GS2_END = Buffer.from(',\x01auth=Bearer ');
const BEARER = Buffer.from('\x01auth=Bearer ');
const TOKEN_END = Buffer.from('\x01\x01');
/** What is said when a backend asks for more than the mechanism has: that its error was heard, or that we give up. */
const LAST_WORDS: Readonly<Record<SaslName, Buffer>> = {
  login: Buffer.from('*'),
  plain: Buffer.from('*'),
  xoauth2: EMPTY,
  oauthbearer: Buffer.from('AQ=='),
  external: Buffer.from('*'),
};

/** Whether user and password have no byte that would be taken for a border between them. */
export function canSay(mechanism: SaslName, user: Buffer, pass: Buffer | undefined): boolean {
  switch (mechanism) {
    case 'login':
      return true;
    case 'plain':
    case 'external':
      return !user.includes(NUL) && pass?.includes(NUL) !== true;
    case 'xoauth2':
    case 'oauthbearer':
      return [NUL, SEPARATOR].every((byte) => !user.includes(byte) && pass?.includes(byte) !== true);
    default:
      return mechanism satisfies never;
  }
}

/** Runs the exchange. @returns the last reply, which is yet to be judged */
export function* authenticate(
  dialect: SaslDialect,
  mechanism: SaslName,
  user: Buffer,
  pass: Buffer,
): Generator<Step, Buffer, Buffer> {
  const { action } = dialect;
  let said = 0;
  const name = Buffer.concat([dialect.command, NAMES[mechanism]]);
  let command = Buffer.concat([name, CRLF]);
  const isLong = mechanism === 'login' || command.length >= dialect.maxCommand;
  const initial = isLong ? undefined : answer(mechanism, user, pass, 0);
  if (initial !== undefined) {
    const whole = Buffer.concat([name, SPACE, initial.length === 0 ? EQUALS : initial, CRLF]);
    initial.fill(0);
    if (whole.length <= dialect.maxCommand) {
      command = whole;
      said = 1;
    } else whole.fill(0);
  }
  let reply = yield send(command, action, said > 0, dialect.shortest);
  let isOver = false;
  for (;;) {
    const heard = dialect.hear(reply);
    if (heard === 'last' || (heard === 'prompt' && isOver)) return reply;
    if (heard === 'more') {
      reply = yield MORE;
      continue;
    }
    const next = answer(mechanism, user, pass, said++);
    isOver = next === undefined;
    const line = Buffer.concat([next ?? LAST_WORDS[mechanism], CRLF]);
    next?.fill(0);
    reply = yield send(line, action, true, dialect.shortest);
  }
}

/** What answers the prompt of this number, in base64. All of it is in memory of its own, and passes through no string. */
function answer(mechanism: SaslName, user: Buffer, pass: Buffer, prompt: number): Buffer | undefined {
  if (mechanism === 'login') {
    const value = [user, pass][prompt];
    return value && encodeBase64(value);
  }
  return prompt === 0 ? encoded(message(mechanism, user, pass)) : undefined;
}

function message(mechanism: Exclude<SaslName, 'login'>, user: Buffer, pass: Buffer): Buffer {
  switch (mechanism) {
    case 'plain':
      return Buffer.concat([ZERO, user, ZERO, pass]);
    case 'xoauth2':
      return Buffer.concat([USER, user, BEARER, pass, TOKEN_END]);
    case 'oauthbearer':
      return Buffer.concat([GS2, escapedName(user), GS2_END, pass, TOKEN_END]);
    case 'external':
      return Buffer.from(user);
    default:
      return mechanism satisfies never;
  }
}

function encoded(text: Buffer): Buffer {
  const out = encodeBase64(text);
  text.fill(0);
  return out;
}

/** A name of GS2 (RFC 5801 section 4). */
function escapedName(user: Buffer): Buffer {
  const text = user.toString('latin1').replace(/[=,]/g, (c) => (c === '=' ? '=3D' : '=2C'));
  return Buffer.from(text, 'latin1');
}
