// Hazard: a browser that is made to speak HTTP to a mail port. One error reply, and the connection is closed.
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const REFUSALS: Readonly<Record<string, { readonly reply: Line; readonly noop: Line; readonly done: Line }>> = {
  imap: { reply: 'S: * BAD invalid command', noop: 'C: a NOOP', done: 'S: a OK completed' },
  pop3: { reply: 'S: -ERR invalid command', noop: 'C: NOOP', done: 'S: +OK' },
  smtp: { reply: 'S: 500 5.5.1 Invalid command', noop: 'C: NOOP', done: 'S: 250 2.0.0 OK' },
};

const HTTP = [
  'GET / HTTP/1.1',
  'POST /x HTTP/1.0',
  'GET /',
  'post /x',
  'Head   /index.html x y',
  'PUT http://example.org/',
  'DELETE *',
  'OPTIONS * HTTP/1.1',
  'CONNECT example.org:25',
  'PATCH /x',
  'TRACE /',
  'PRI * HTTP/2.0',
  'anything at all HTTP/1.1',
  'HTTP/1.1',
];

const MAIL = [
  'GET',
  'GET mail',
  'POST office',
  'DELETE 5',
  'HTTP',
  'GETS /',
  'x HTTP/1',
  'HTTP/1.1 x',
  'CONNECT example.org:',
  'OPTIONS x:y',
];

/** IMAP takes a first word that a space ends for a tag. */
function refusal(reply: Line, line: string, block: string): Line {
  const [tag] = /^[\w.-]+ /.exec(line) ?? [];
  return block === 'imap' && tag !== undefined ? `S: ${tag}BAD invalid command` : reply;
}

const cases = Object.entries(REFUSALS).flatMap(([block, { reply, noop, done }]) => [
  ...HTTP.map(
    (line): LoggedCase => ({
      name: `${block}: ${line}`,
      block,
      lines: () => [`C: ${line}`, 'C: Host: x', 'C: ', noop, refusal(reply, line, block), '--'],
      records: () => [],
    }),
  ),
  ...MAIL.map(
    (line): LoggedCase => ({
      name: `${block}: ${line}, which is not HTTP`,
      block,
      lines: () => [`C: ${line}`, refusal(reply, line, block), noop, done],
      records: () => [],
    }),
  ),
]);

loggedSpec(
  'HTTP on a mail port',
  { blocks: { imap: { protocol: 'imap' }, pop3: { protocol: 'pop3' }, smtp: { protocol: 'smtp' } } },
  cases,
);
