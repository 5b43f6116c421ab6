// The login at a backend as a generator: each `yield` sends something or asks for more, and gives the reply so far.

export type Step =
  | {
      readonly kind: 'send';
      readonly bytes: Buffer;
      readonly action: string;
      readonly secret: boolean;
      /** The reply may be as short as that. */
      readonly shortest: number;
    }
  /** Wait until the reply has grown. */
  | { readonly kind: 'more' }
  /** TLS begins here. The next reply is empty: nothing has been said over it. */
  | { readonly kind: 'tls' };

/** What the proxy module lets the dialogues do. */
export interface LoginOptions {
  readonly xclient: boolean;
  readonly imapLogin: 'literal' | 'quoted';
}

export type LoginEnd =
  /** `first` goes to the client before anything else from the backend. */
  | { readonly kind: 'logged-in'; readonly first: Buffer }
  /** `text` is for the log, `reply` for the client where proxy_pass_error_message is on. */
  | { readonly kind: 'refused'; readonly text: Buffer; readonly reply: Buffer }
  /** Given up on our side; `why` is logged at error. */
  | { readonly kind: 'failed'; readonly why: string; readonly action: string };

/**
 * Gets the bytes of the reply that has come so far: at least four (three for a prompt), and CRLF at the end (a view of
 * the proxy buffer, valid until the next `yield`).
 */
export type Dialogue = Generator<Step, LoginEnd, Buffer>;

export const MORE: Step = { kind: 'more' };

/** Shorter replies are not complete, but where a prompt may come. */
export const MIN_REPLY = 4;

/** @param secret the bytes hold a password: they are overwritten when they have been sent. */
export function send(bytes: Buffer, action: string, secret = false, shortest = MIN_REPLY): Step {
  return { kind: 'send', bytes, action, secret, shortest };
}

/** True where the reply, or what is in it from `at` on, begins with the bytes. Case matters. */
export function begins(reply: Buffer, prefix: Buffer, at = 0): boolean {
  if (reply.length - at < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (reply[at + i] !== prefix[i]) return false;
  return true;
}

/** A reply that was not accepted: the whole of it for the client, without its last CRLF for the log. */
export function refused(reply: Buffer, textFrom = 0): LoginEnd {
  const copy = Buffer.from(reply);
  return {
    kind: 'refused',
    text: copy.subarray(textFrom, copy.length - 2),
    reply: copy,
  };
}
