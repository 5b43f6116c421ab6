// What a scripted case of the differential test is: one session against one server block, as data.

/** What the client does. Texts hold one byte per character. */
export type Step =
  /** Sends the text, cut at random points, and waits for as many replies as it has line ends. */
  | string
  /** As above with another number of replies; `whole`: in one segment. */
  | { readonly send: string; readonly replies?: number; readonly whole?: boolean }
  /** Goes on in TLS. */
  | { readonly tls: true }
  /** The backend sends this; the client waits for as many replies as it has line ends. */
  | { readonly backend: string; readonly replies?: number }
  /** The backend closes in order or by a reset. */
  | { readonly backendEnd: 'close' | 'reset' }
  /** The client closes its sending side, or resets. */
  | { readonly end: 'close' | 'reset' }
  /** Waits until the server has closed. */
  | { readonly until: 'closed' };

/** The server closes now; put last, where it has to. */
export const CLOSED: Step = { until: 'closed' };

/** One answer of the auth server: header lines, or exact bytes. `$HOST` and `$PORT` become the backend's. */
export type AuthStep =
  | { readonly headers: readonly string[]; readonly status?: string }
  | { readonly raw: string; readonly ending?: 'wait' | 'close' | 'reset'; readonly piece?: number };

/**
 * The backend: its greeting, then one text per line received (`$TAG`: first word of the first line); `null` closes,
 * 'RESET' resets. Afterwards it answers each line with that line.
 */
export interface Backend {
  readonly texts: readonly (string | null)[];
  /** The first line is a PROXY header: it is read before the greeting is sent. */
  readonly proxyLine?: boolean;
  /** Each text in pieces of this many bytes. */
  readonly piece?: number;
  /** After the texts: answer lines (default), keep silent, or close. */
  readonly after?: 'echo' | 'silence' | 'close';
}

export interface Case {
  readonly name: string;
  readonly protocol: Protocol;
  /** Directives of the server block. `$AUTH` becomes HOST:PORT of the auth server, `$DIR` the configuration's folder. */
  readonly conf?: string;
  /** Parameters of `listen`. */
  readonly listen?: string;
  readonly steps: readonly Step[];
  /** One answer per request, the last one repeats. Default: everybody is let in. */
  readonly auth?: readonly AuthStep[];
  /** Default: a backend that lets everybody in. */
  readonly backend?: Backend;
  /** The server says nothing first (PROXY header, TLS from the first byte, greeting delay). */
  readonly greeting?: false;
  /** TLS from the first byte. */
  readonly tls?: true;
  /** False where the records of the two may differ. */
  readonly log?: false;
  /** A reply may be missing: go on when nothing has happened anywhere for this many milliseconds. */
  readonly quietMs?: number;
}

export type Protocol = 'imap' | 'pop3' | 'smtp';

/** An answer that lets the session in, with further header lines. */
export function ok(...headers: readonly string[]): AuthStep {
  return { headers: ['Auth-Status: OK', 'Auth-Server: $HOST', 'Auth-Port: $PORT', ...headers] };
}

/** An answer of exactly these header lines. */
export function headers(...lines: readonly string[]): AuthStep {
  return { headers: lines };
}

/** An answer of exactly these bytes. */
export function raw(bytes: string, ending: 'wait' | 'close' | 'reset' = 'wait'): AuthStep {
  return { raw: bytes, ending };
}

/** What a case may say besides its steps. */
export type Extra = Omit<Case, 'name' | 'protocol' | 'steps'>;

/** A maker of cases of one protocol. */
export function casesOf(protocol: Protocol): (name: string, steps: readonly Step[], extra?: Extra) => Case {
  return (name, steps, extra = {}) => ({ ...extra, name: `${protocol}: ${name}`, protocol, steps });
}
