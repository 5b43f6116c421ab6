// All of it in a sentence or two: what one wants to know from the other end of the room.
import type { Now } from '../http/dashboard/messages.ts';
import { healthOf, type Tone } from './backends.ts';
import { count, rate } from './format.ts';
import { totalOf } from './history.ts';

export interface Piece {
  readonly text: string;
  /** What it is about: figures stand out, and trouble more so. */
  readonly kind: 'plain' | 'figure' | 'refused' | 'error' | `health-${Tone}`;
}

const plain = (text: string): Piece => ({ text, kind: 'plain' });

/** Sentence by sentence, so that a line breaks between two of them where it can. */
export function summaryOf({ sessions, ok, refused, error, peers, leftOut }: Now): Piece[][] {
  const total = totalOf(sessions);
  const logins = ok + refused + error;
  const busy: Piece[] = [{ text: rate(logins), kind: 'figure' }, plain(' logins a second')];
  if (refused > 0) busy.push(plain(', '), { text: `${rate(refused)} refused`, kind: 'refused' });
  if (error > 0) busy.push(plain(', '), { text: `${rate(error)} failed`, kind: 'error' });
  busy.push(plain('.'));
  const held: Piece[] = [{ text: count(total), kind: 'figure' }, plain(total === 1 ? ' session.' : ' sessions.')];
  const sentences = [held, busy];
  const health = healthOf(peers, leftOut?.peers);
  if (health !== undefined) sentences.push([{ text: health.text, kind: `health-${health.tone}` }]);
  return sentences;
}
