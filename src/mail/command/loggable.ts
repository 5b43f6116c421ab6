// What the log may show of a client's command buffer: never a line that can carry a credential.

import type { ByteString } from '../../conf/directive.ts';
import type { MailProtocol } from '../protocol.ts';
import { CR, isLetter, isTagByte, LF, MAX_TAG, SP } from './line-scan.ts';

type ProtocolName = MailProtocol['name'];

/** The ellipsis sign in UTF-8, as a byte string. */
const HIDDEN: ByteString = '\u00e2\u0080\u00a6';

const SAFE_VERBS: Readonly<Record<ProtocolName, ReadonlySet<string>>> = {
  imap: new Set(['NOOP', 'CAPABILITY', 'LOGOUT', 'STARTTLS']),
  pop3: new Set(['NOOP', 'CAPA', 'QUIT', 'STLS']),
  smtp: new Set(['EHLO', 'HELO', 'MAIL', 'RCPT', 'RSET', 'NOOP', 'QUIT', 'STARTTLS', 'VRFY', 'EXPN', 'HELP']),
};
const LONGEST_VERB = 10;

/**
 * The bytes of a command buffer as a byte string, control bytes and all: escaping them is the log's part. They
 * are shown line by line up to the first line whose verb is not complete or not one that carries no secret.
 * From that verb on one ellipsis stands for everything, since what follows an AUTH or a PASS may be its data.
 * `data` begins where the buffer or a command does.
 */
export function loggableBuffer(protocol: ProtocolName, data: Buffer, insideSasl: boolean): ByteString {
  if (insideSasl) return HIDDEN;
  const safe = SAFE_VERBS[protocol];
  let line = 0;
  while (line < data.length) {
    const verb = protocol === 'imap' ? behindTag(data, line) : line;
    if (!isSafe(data, verb, safe)) return data.toString('latin1', 0, verb) + HIDDEN;
    const lf = data.indexOf(LF, verb);
    line = lf === -1 ? data.length : lf + 1;
  }
  return data.toString('latin1');
}

function isSafe(data: Buffer, from: number, safe: ReadonlySet<string>): boolean {
  let to = from;
  while (to - from < LONGEST_VERB && isLetter(data[to] ?? 0)) to++;
  const next = data[to];
  // Where the bytes end, the word may still go on.
  if (next !== SP && next !== CR && next !== LF) return false;
  return safe.has(data.toString('latin1', from, to).toUpperCase());
}

/** Where the word behind an IMAP tag begins; `from` where there is no tag that can be told. */
function behindTag(data: Buffer, from: number): number {
  let at = from;
  while (at - from < MAX_TAG && isTagByte(data[at] ?? 0)) at++;
  if (data[at] !== SP) return from;
  while (data[at] === SP) at++;
  return at;
}
