// Drives the login dialogue of a protocol as the proxy does, with a backend that is a list of replies.
import { type Dialogue, type LoginEnd, MIN_REPLY } from '../../../src/mail/session/dialogue.ts';
import { bytes } from './doubles.ts';

export interface Driven {
  /** What the backend got, a string for each command. */
  readonly sent: readonly string[];
  readonly actions: readonly string[];
  /** The commands that hold a password. */
  readonly secrets: readonly string[];
  readonly end: string;
}

function tell(end: LoginEnd): string {
  switch (end.kind) {
    case 'logged-in':
      return `in: ${end.first.toString('latin1')}`;
    case 'refused':
      return `refused: ${end.text.toString('latin1')} | ${end.reply.toString('latin1')}`;
    case 'failed':
      return `failed: ${end.why} while ${end.action}`;
    default:
      return end satisfies never;
  }
}

/** Every reply arrives in pieces of `piece` bytes, and the dialogue is asked whenever what is there ends in CRLF. */
export function drive(dialogue: Dialogue, replies: readonly string[], piece = Number.POSITIVE_INFINITY): Driven {
  const sent: string[] = [];
  const actions: string[] = [];
  const secrets: string[] = [];
  const driven = { sent, actions, secrets };
  const proxyBuffer = Buffer.alloc(4096); // one for all replies, as in the proxy
  let shortest = MIN_REPLY;
  dialogue.next(proxyBuffer);
  for (const text of replies) {
    let answered = false;
    for (let length = Math.min(piece, text.length); !answered; length = Math.min(length + piece, text.length)) {
      bytes(text.slice(0, length)).copy(proxyBuffer);
      if (length >= shortest && text.slice(0, length).endsWith('\r\n')) {
        let next = dialogue.next(proxyBuffer.subarray(0, length));
        if (next.done !== true && next.value.kind === 'tls') {
          sent.push('(TLS)');
          next = dialogue.next(proxyBuffer.subarray(0, 0));
        }
        if (next.done) return { ...driven, end: tell(next.value) };
        if (next.value.kind === 'send') {
          answered = true;
          shortest = next.value.shortest;
          const command = next.value.bytes.toString('latin1');
          sent.push(command);
          actions.push(next.value.action);
          if (next.value.secret) secrets.push(command);
        }
      }
      if (length === text.length) break;
    }
    if (!answered) return { ...driven, end: 'waits' };
  }
  return { ...driven, end: 'waits' };
}
