// Streams that are not compared: where we differ on purpose, where nginx 1.22 differs from today's, where timing decides.
import type { Case, Step } from '../case.ts';
import type { Observation } from '../observation.ts';
import type { RandomBlock } from './blocks.ts';

/** Why a stream is not played at all; undefined: it is. */
export function unfit(kase: Case, block: RandomBlock): string | undefined {
  const turns = kase.steps.map(textOf);
  const stream = turns.join('');
  if (turns.join('|').length === 0) return 'empty';
  if (/^\S+ \S+(?:\/|\*|:\/\/)|HTTP\/\d|^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE|PRI)\b/im.test(stream))
    return 'may look like HTTP';
  if (/external/i.test(stream) && !/external/.test(block.conf)) return 'EXTERNAL where it is off';
  if (waits(kase) && /external|cram|apop|mail/i.test(stream)) return 'left-overs of an earlier attempt';
  if (/(?:quit|logout)[^\n]*\n[\s\S]/i.test(stream)) return 'bytes behind the goodbye';
  if (/starttls/.test(block.conf) && /(?:starttls|stls)[^\n]*\n[\s\S]/i.test(stream))
    return 'clear text behind STARTTLS';
  if (overflows(turns, block.buffer)) return 'the buffer overflows or not, depending on timing';
  if (kase.protocol === 'imap') return unfitImap(stream);
  if (kase.protocol === 'smtp') return unfitSmtp(turns, block);
  return undefined;
}

function unfitImap(stream: string): string | undefined {
  if (/\{0*\+?\}|\+\}/.test(stream)) return 'empty or non-synchronising literal';
  for (const literal of stream.matchAll(/\{(\d+)\}\r*\n/g)) {
    const end = literal.index + literal[0].length + Number(literal[1]);
    if (!/[ \r\n]/.test(stream.charAt(end) || ' ')) return 'garbage behind a literal';
  }
  if (stream.includes('{') && !/^[^{]*(?:\{\d+\}\r*\n[^{]*)*$/.test(stream)) return 'half a literal';
  if (stream.includes('\\')) return 'a backslash';
  if (stream.split('\n').some((line) => line.split('"').length % 2 === 0)) return 'a quoted string that the line ends';
  return undefined;
}

function unfitSmtp(turns: readonly string[], block: RandomBlock): string | undefined {
  const stream = turns.join('');
  const mail = /mail|rcpt/i.test(stream);
  if (/starttls only/.test(block.conf) && mail) return 'MAIL and RCPT need TLS here';
  if (/[\0\t]/.test(stream) && (mail || /helo|ehlo/i.test(stream)))
    return 'a control byte for the auth server or the backend';
  if (/none/.test(block.conf))
    return mail && /auth/i.test(stream) ? 'a login that MAIL does not forget in 1.22' : undefined;
  return glued(turns) ? 'bytes around a refused MAIL' : undefined;
}

/** Whether a MAIL line begins behind other bytes of its first turn, or has bytes behind it in its last. */
function glued(turns: readonly string[]): boolean {
  let line = '';
  let begin = 0;
  for (const turn of turns) {
    for (const [i, byte] of [...turn].entries()) {
      if (line === '') begin = i;
      line += byte;
      if (byte !== '\n') continue;
      if (/^ *mail/i.test(line) && (begin > 0 || i < turn.length - 1)) return true;
      line = '';
    }
  }
  return false;
}

function waits(kase: Case): boolean {
  return kase.auth?.some((step) => 'headers' in step && step.headers.some((h) => h.startsWith('Auth-Wait'))) ?? false;
}

/** Whether the turns may fill the buffer: nginx starts it over only when it is empty, which the splits decide. */
function overflows(turns: readonly string[], buffer: number): boolean {
  let carried = 0;
  for (const turn of turns) {
    carried += turn.length;
    if (carried >= buffer) return true;
    if (turn.endsWith('\n')) carried = 0;
  }
  return false;
}

function textOf(step: Step): string {
  return typeof step === 'string' ? step : '';
}

/** Why the outcome is not compared; undefined: it is. */
export function deliberate(kase: Case, left: Observation, right: Observation): string | undefined {
  if (kase.protocol !== 'imap' && left.auth.some((text) => /^Auth-(?:User|Pass): .*%(?:0D|0A|00)/m.test(text))) {
    return 'a byte that has no place in the dialogue with the backend';
  }
  if (kase.protocol === 'imap' && waits(kase) && /NO wait\r\n[\s\S]*BAD/.test(left.client))
    return 'the tag of an earlier command';
  if (left.backend.some((text) => /^XCLIENT .* LOGIN=(?:.*[^!-~].*|.*[+=].*) NAME=/m.test(text)))
    return 'XCLIENT without xtext in 1.22';
  if (kase.backend?.texts.includes(null) && left.client === right.client && beginAlike(left.backend, right.backend)) {
    return 'bytes on their way to a backend that closes';
  }
  if (left.client === right.client && left.log.some((line) => line.includes('invalid CRAM-MD5 hash'))) {
    return 'a CRAM-MD5 response without a space in the log';
  }
  if (left.reset || right.reset) return 'a reset, which may have swallowed a reply';
  return undefined;
}

function beginAlike(left: readonly string[], right: readonly string[]): boolean {
  return left.every((text, i) => text.startsWith(right[i] ?? '\n') || right[i]?.startsWith(text));
}
