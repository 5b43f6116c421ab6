// STARTTLS at an IMAP backend (RFC 3501 section 6.2.1).
import { begins, MORE, type Step, send } from '../session/dialogue.ts';
import { distrusted, notOffered, START_TLS, tooMuch, type Upgrade } from '../session/upgrade.ts';

const GREETING = Buffer.from('* OK');
const OK = Buffer.from('OK');
const LF = 10;
/** Ours: the client's tag is for its login. */
const FIRST = Buffer.from('S1 ');
const SECOND = Buffer.from('S2 ');
const THIRD = Buffer.from('S3 ');
const IN_GREETING = /^\* OK \[CAPABILITY ([^\]\r\n]*)\]/i;
const IN_REPLY = /^\* CAPABILITY ([^\r\n]*)\r?$/im;

/** A server that says PREAUTH would be talked to in clear, with a session that somebody else has begun. */
export function* imapUpgrade(): Upgrade {
  const greeting = yield MORE;
  if (!begins(greeting, GREETING)) return distrusted(greeting);
  let words = wordsIn(greeting, IN_GREETING);
  if (words === undefined) {
    const { reply, at } = yield* ask(FIRST, 'CAPABILITY');
    if (!isGood(reply, at, FIRST)) return distrusted(reply);
    words = wordsIn(reply, IN_REPLY);
  }
  if (words === undefined || !/(?:^| )STARTTLS(?: |$)/i.test(words)) return notOffered();
  const { reply, at } = yield* ask(SECOND, 'STARTTLS');
  if (!begins(reply, OK, at + SECOND.length)) return distrusted(reply);
  if (!isGood(reply, at, SECOND)) return tooMuch();
  yield START_TLS;
  const { reply: secure, at: end } = yield* ask(THIRD, 'CAPABILITY');
  if (!isGood(secure, end, THIRD)) return distrusted(secure);
  const now = wordsIn(secure, IN_REPLY) ?? '';
  return { kind: 'secured', greeting: Buffer.from(`* OK [CAPABILITY ${now}]\r\n`, 'latin1') };
}

interface Answer {
  readonly reply: Buffer;
  /** Where the line with the tag begins. */
  readonly at: number;
}

/** Untagged lines may come before the answer. The reply is copied: the buffer starts over with the next command. */
export function* ask(tag: Buffer, command: string): Generator<Step, Answer, Buffer> {
  let reply = yield send(Buffer.from(`${tag}${command}\r\n`), `sending ${command} to upstream`);
  let at = taggedLine(reply, tag);
  while (at < 0) {
    reply = yield MORE;
    at = taggedLine(reply, tag);
  }
  return { reply: Buffer.from(reply), at };
}

function taggedLine(reply: Buffer, tag: Buffer): number {
  for (let at = 0; at < reply.length; at = reply.indexOf(LF, at) + 1) if (begins(reply, tag, at)) return at;
  return -1;
}

/** OK, and nothing behind it. */
const isGood = (reply: Buffer, at: number, tag: Buffer): boolean =>
  begins(reply, OK, at + tag.length) && reply.indexOf(LF, at) === reply.length - 1;

const wordsIn = (reply: Buffer, where: RegExp): string | undefined => where.exec(reply.toString('latin1'))?.[1];
