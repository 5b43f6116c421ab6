// The name of an SMTP client: what DNS says, what goes to the auth server and the backend, and what the log has of it.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Answer } from 'dns-packet';
import { saslPlain } from '../support/bytes.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { type LoggedCase, loggedSpec, type Records } from '../support/mail-spec/logged.ts';

const dns = await FakeDns.start();
after(() => dns.close());

const SERVFAIL = 2;
const REFUSED = 5;
const ADDRESS = 'while in resolving client address';
const NAME = 'while in resolving client hostname';

const client = (n: number): string => `192.0.2.${n}`;
const pointer = (n: number): string => `${n}.2.0.192.in-addr.arpa`;
const ptr = (n: number, data: string): Answer => ({ type: 'PTR', name: pointer(n), ttl: 60, data });
const a = (name: string, n: number): Answer => ({ type: 'A', name, ttl: 60, data: client(n) });

/** A client by its number, the name that the auth server and the backend get, and the records of the look-up. */
function named(name: string, n: number, host: string, ...texts: readonly string[]): LoggedCase {
  const own = (record: string): string => record.replace('client: 127.0.0.1', `client: ${client(n)}`);
  return {
    name,
    block: 'smtp',
    silent: true,
    lines: (user) => [
      `C: PROXY TCP4 ${client(n)} 198.51.100.1 4000 25`,
      // Said before the greeting: it waits for the look-up, and starts no second one.
      `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
      'S: 220 mx.example.org ESMTP ready',
      'S: 235 2.0.0 OK',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    next: async (_wire, stage) => {
      assert.equal(stage.requests[0]?.header('Client-Host'), host);
      const peer = await stage.backend.peer(0);
      assert.ok(peer.received.includes(`XCLIENT ADDR=${client(n)} LOGIN=${stage.user} NAME=${host}\r\n`));
      assert.equal(dns.log().filter((query) => query === `udp PTR ${pointer(n)}`).length, 1);
    },
    records: (log: Records) => [
      ...texts.map((text) => own(log.bare(`[error] ${text}`))),
      own(log.upstream('[info] client logged in')),
      own(log.upstream('[info] proxied session done')),
    ],
  };
}

/** Where the name server has to be given up. */
const silence = (logged: LoggedCase): LoggedCase => ({ ...logged, block: 'impatient' });

const GONE = '[UNAVAILABLE]';
const LATER = '[TEMPUNAVAIL]';

dns
  .script(pointer(1), 'PTR', { answers: [ptr(1, 'Mail.Example.ORG')] })
  .script('mail.example.org', 'A', { answers: [a('mail.example.org', 99), a('mail.example.org', 1)] })
  .script('mail.example.org', 'AAAA', {})
  .script(pointer(2), 'PTR', { rcode: SERVFAIL })
  .script(pointer(3), 'PTR', { rcode: REFUSED })
  .script(pointer(4), 'PTR', {})
  .script(pointer(5), 'PTR', { drop: true })
  .script(pointer(6), 'PTR', { answers: [ptr(6, 'a_b.example.org')] })
  .script(pointer(7), 'PTR', { answers: [ptr(7, 'gone.example.org')] })
  .script(pointer(8), 'PTR', { answers: [ptr(8, 'bad.example.org')] })
  .script('bad.example.org', 'A', { answers: [a('bad.example.org', 8)] })
  .script('bad.example.org', 'AAAA', { rcode: SERVFAIL })
  .script(pointer(9), 'PTR', { answers: [ptr(9, 'mail.example.org')] })
  .script(pointer(10), 'PTR', { answers: [ptr(10, 'half.example.org')] })
  .script('half.example.org', 'A', { answers: [a('half.example.org', 10)] })
  .script('half.example.org', 'AAAA', { drop: true })
  .script(pointer(12), 'PTR', { answers: [ptr(12, 'x\r\nEvil: header.example.org')] });

const cases: readonly LoggedCase[] = [
  named('a name whose address is the client', 1, 'mail.example.org'),
  named('a name server that fails', 2, LATER, `192.0.2.2 could not be resolved (2: Server failure) ${ADDRESS}`),
  named('a name server that refuses', 3, LATER, `192.0.2.3 could not be resolved (5: Operation refused) ${ADDRESS}`),
  named('an empty answer', 4, GONE, `192.0.2.4 could not be resolved (3: Host not found) ${ADDRESS}`),
  silence(named('no answer', 5, LATER, `192.0.2.5 could not be resolved (110: Operation timed out) ${ADDRESS}`)),
  named('a name that is none', 6, LATER, `192.0.2.6 resolved to invalid host name "a_b.example.org" ${ADDRESS}`),
  named('a name without an address', 7, GONE, `"gone.example.org" could not be resolved (3: Host not found) ${NAME}`),
  named(
    'a name with an error in one family',
    8,
    LATER,
    `"bad.example.org" could not be resolved (2: Server failure) ${NAME}`,
  ),
  named('a name with another address', 9, GONE),
  silence(
    named(
      'a name with one family silent',
      10,
      LATER,
      `"half.example.org" could not be resolved (110: Operation timed out) ${NAME}`,
    ),
  ),
  named('no pointer at all', 11, GONE, `192.0.2.11 could not be resolved (3: Host not found) ${ADDRESS}`),
  named(
    'a name that would inject lines',
    12,
    LATER,
    `192.0.2.12 resolved to invalid host name "x\\x0D\\x0Aevil: header.example.org" ${ADDRESS}`,
  ),
  {
    name: 'a client that leaves during the look-up',
    block: 'impatient',
    silent: true,
    lines: () => [`C: PROXY TCP4 ${client(5)} 198.51.100.1 4000 25`],
    next: async (wire) => {
      wire.end();
      await wire.closed();
    },
  },
];

loggedSpec(
  'an SMTP client with',
  {
    conf: `set_real_ip_from 127.0.0.1; resolver 127.0.0.1:${dns.port};`,
    blocks: {
      smtp: { protocol: 'smtp', listen: '@smtp@ proxy_protocol' },
      impatient: { protocol: 'smtp', listen: '@impatient@ proxy_protocol', conf: 'resolver_timeout 1s;' },
    },
  },
  cases,
  1, // the socket for the name server stays
);
