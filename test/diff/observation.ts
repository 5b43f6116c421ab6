// What client, auth server and backend saw of a session, with what differs by chance taken out, and the comparison.
import { escapeControls, latin1, show } from '../support/bytes.ts';

/** How the session ended: the server closed where the case waits for it, or once the client had, or it never did. */
export type Closing = 'by server' | 'after client' | 'reset by client' | 'never';

/** All texts are byte strings. */
export interface Observation {
  readonly client: string;
  readonly closing: Closing;
  /** The connection ended by a reset; not compared. */
  readonly reset: boolean;
  /** What the client could not do: a failed handshake, a reply that never came. */
  readonly trouble: readonly string[];
  /** Raw requests. */
  readonly auth: readonly string[];
  /** Raw bytes per connection. */
  readonly backend: readonly string[];
  readonly log: readonly string[];
}

/** What belongs to one side and one connection only. */
export interface Circumstances {
  readonly host: string;
  readonly clientPort: number;
}

/** Takes address, client port and salts out of a text that a peer saw. */
export function neutral(text: string, here: Circumstances): string {
  return text
    .replaceAll(here.host, 'HOST')
    .replace(/^(PROXY TCP[46] \S+ HOST )(\d+) /, (whole, head: string, port: string) =>
      port === String(here.clientPort) ? `${head}CPORT ` : whole,
    )
    .replace(/<\d+\.\d+@([^>\r\n]*)>/g, '<SALT@$1>')
    .replace(/^(\+|334) ([A-Za-z0-9+/]{16,}={0,2})\r$/gm, (whole, head: string, text64: string) => {
      const salt = /^<\d+\.\d+@(.*)>$/.exec(Buffer.from(text64, 'base64').toString('latin1'));
      return salt === null ? whole : `${head} CHALLENGE@${salt[1]}\r`;
    });
}

/** How much of a record is compared. */
const COMPARED = 1900;

/** The records of a log text: time, pid and connection number gone, control bytes escaped. */
export function records(text: string, here: Circumstances): string[] {
  return text
    .split(/^(?=\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[)/m)
    .filter((record) => record !== '')
    .map((record) => {
      const text = record
        .replace(/\n$/, '')
        .replace(/^[\d/]+ [\d:]+ \[(\w+)\] \d+#\d+: \*\d+ /, '[$1] ')
        .replaceAll(here.host, 'HOST')
        .replace(new RegExp(`(127\\.0\\.0\\.1):${here.clientPort}(?= connected)`), '$1:CPORT')
        .replace(/(broken header: "[^\r\n"]*)[\r\n]+(?=" while)/, '$1') // 1.22.1 prints the line end too
        .replace(/(client sent too long command ").*(" while)/s, '$1…$2');
      return escapeControls(text).slice(0, COMPARED); // records are cut at 2048 bytes, pid and number included
    });
}

/** The differences of two observations, as lines to print; none: equal. */
export function differences(left: Observation, right: Observation, withLog: boolean): string[] {
  const lines: string[] = [];
  const compare = (what: string, a: string, b: string): void => {
    if (a !== b) lines.push(`${what}:`, ...apart(a, b));
  };
  compare('client received', left.client, right.client);
  // nginx does not notice a close that arrives together with the last bytes, until a timer ends the session.
  if (left.closing !== 'never' || right.closing !== 'after client')
    compare('connection closed', left.closing, right.closing);
  compare('trouble', left.trouble.join('; '), right.trouble.join('; '));
  compareLists('auth request', left.auth, right.auth, compare);
  compareLists('backend connection', left.backend, right.backend, compare);
  if (withLog) compareLists('log record', left.log, right.log, compare);
  return lines;
}

function compareLists(
  what: string,
  left: readonly string[],
  right: readonly string[],
  compare: (what: string, a: string, b: string) => void,
): void {
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    compare(`${what} ${i + 1}`, left[i] ?? '(none)', right[i] ?? '(none)');
  }
}

/** Both texts, each from a little before the first byte that differs. */
export function apart(a: string, b: string): string[] {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  const from = Math.max(0, at - 200);
  const head = from > 0 ? `(${from} equal bytes) ` : '';
  return [`  left  ${head}${show(latin1(a.slice(from)))}`, `  right ${head}${show(latin1(b.slice(from)))}`];
}
