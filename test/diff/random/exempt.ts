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
  if (/starttls only/.test(block.conf) && /mail|rcpt/i.test(turns.join(''))) return 'MAIL and RCPT need TLS here';
  if (/\0/.test(turns.join('')) && /helo|ehlo|mail|rcpt/i.test(turns.join(''))) return 'NUL in a line for the backend';
  if (/auth[\s\S]*mail/i.test(turns.join(''))) return 'a login that MAIL does not forget in 1.22';
  if (!/none/.test(block.conf) && glued(turns)) return 'bytes around a refused MAIL';
  return undefined;
}

/** Whether a MAIL line shares its last turn with bytes behind it, or follows others in the same turn. */
function glued(turns: readonly string[]): boolean {
  let line = '';
  for (const turn of turns) {
    for (const [i, byte] of [...turn].entries()) {
      line += byte;
      if (byte !== '\n') continue;
      const mail = /^ *mail/i.test(line);
      if (mail && (i < turn.length - 1 || (line.length < i + 1 && i > 0))) return true;
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
  if (kase.protocol === 'pop3' && left.auth.some((a) => /^Auth-(?:User|Pass): .*%(?:0D|0A|00)/m.test(a)))
    return 'a line end in USER or PASS';
  if (kase.protocol === 'imap' && waits(kase) && /\n[^*\n]*BAD/.test(left.client))
    return 'the tag of an earlier command';
  if (left.backend.some((text) => /^XCLIENT .* LOGIN=(?:.*[^!-~].*|.*[+=].*) NAME=/m.test(text)))
    return 'XCLIENT without xtext in 1.22';
  if (left.reset || right.reset) return 'a reset, which may have swallowed a reply';
  return undefined;
}
