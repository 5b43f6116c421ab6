// STARTTLS at a backend, before its login: nothing that was said in clear is believed, shown to the client, or kept.
import type { Dialogue, LoginEnd, Step } from './dialogue.ts';

export type UpgradeEnd =
  /** TLS is there. `greeting` is for the login, in place of the one in clear. */
  { readonly kind: 'secured'; readonly greeting: Buffer } | Failed;

type Failed = Extract<LoginEnd, { kind: 'failed' }>;

/** As `Dialogue`; it comes back from `START_TLS` when the handshake is done. */
export type Upgrade = Generator<Step, UpgradeEnd, Buffer>;

export const START_TLS: Step = { kind: 'tls' };

const EMPTY = Buffer.alloc(0);
const LF = 10;

/** The login, over TLS that the dialogue before it begins. */
export function* securedLogin(upgrade: Upgrade, login: Dialogue): Dialogue {
  const end = yield* upgrade;
  if (end.kind !== 'secured') return end;
  login.next(EMPTY); // runs to where the greeting is awaited
  let step = login.next(end.greeting);
  while (step.done !== true) step = login.next(yield step.value);
  return step.value;
}

/** The reply is whole: nothing stands behind its first line. */
export const isOneLine = (reply: Buffer): boolean => reply.indexOf(LF) === reply.length - 1;

/** A reply in clear that ends it: whoever wrote it, the client does not get to see it. */
export function distrusted(reply: Buffer): Failed {
  return failed(`upstream sent invalid response: "${reply.toString('latin1', 0, reply.length - 2)}"`);
}

export const notOffered = (): Failed => failed('upstream does not offer STARTTLS');

/** Who could not see the handshake has put it there, perhaps. */
export const tooMuch = (): Failed => failed('upstream sent data behind its answer to STARTTLS');

const failed = (why: string): Failed => ({ kind: 'failed', why, action: 'reading response from upstream' });
