// STLS at a POP3 backend (RFC 2595 section 4).
import { begins, MORE, type Step, send } from '../session/dialogue.ts';
import { distrusted, isOneLine, notOffered, START_TLS, tooMuch, type Upgrade } from '../session/upgrade.ts';

const OK = Buffer.from('+OK');
const CAPA = Buffer.from('CAPA\r\n');
const STLS = Buffer.from('STLS\r\n');
const END = Buffer.from('\r\n.\r\n');
const GREETING = Buffer.from('+OK\r\n');

export function* pop3Upgrade(): Upgrade {
  let reply = yield MORE;
  if (!begins(reply, OK)) return distrusted(reply);
  reply = yield* capabilities();
  if (!isList(reply)) return distrusted(reply);
  if (!/^STLS\r?$/im.test(reply.toString('latin1'))) return notOffered();
  reply = yield send(STLS, 'sending STLS to upstream');
  if (!begins(reply, OK)) return distrusted(reply);
  if (!isOneLine(reply)) return tooMuch();
  yield START_TLS;
  reply = yield* capabilities();
  return isList(reply) ? { kind: 'secured', greeting: GREETING } : distrusted(reply);
}

/** Up to the line with a dot, or the first line of a refusal. */
export function* capabilities(): Generator<Step, Buffer, Buffer> {
  let reply = yield send(CAPA, 'sending CAPA to upstream');
  while (begins(reply, OK) && !reply.includes(END)) reply = yield MORE;
  return reply;
}

/** A whole one, and nothing behind it. */
const isList = (reply: Buffer): boolean => begins(reply, OK) && reply.indexOf(END) === reply.length - END.length;
