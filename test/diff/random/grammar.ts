// Commands of the three protocols, chosen at random: mostly right, sometimes out of place.
import { base64, saslPlain } from '../../support/bytes.ts';
import type { Protocol } from '../case.ts';
import type { Random } from '../seeded.ts';

const WORDS = ['user', 'a', 'x@example.org', 'pass word', 'p', '', 'ünï', '%20', 'a"b', 'long'.repeat(8)] as const;
const DIGEST = '0123456789abcdef0123456789abcdef';

function word(random: Random): string {
  return random.pick(WORDS);
}

/** A word without spaces, fit for an atom. */
function atom(random: Random): string {
  return random.pick(['user', 'a', 'x@example.org', 'p', '%41', 'u'.repeat(random.below(40) + 1)]);
}

/** What follows a SASL mechanism: a response on the same line, or lines of their own. */
function sasl(random: Random, verb: string): string {
  const plain = saslPlain(word(random), word(random));
  const user = base64(word(random));
  return random.pick([
    `${verb} PLAIN ${plain}\r\n`,
    `${verb} PLAIN\r\n${plain}\r\n`,
    `${verb} LOGIN\r\n${user}\r\n${base64(word(random))}\r\n`,
    `${verb} LOGIN ${user}\r\n${base64(word(random))}\r\n`,
    `${verb} CRAM-MD5\r\n${base64(`${atom(random)} ${DIGEST}`)}\r\n`,
    `${verb} EXTERNAL\r\n${user}\r\n`,
    `${verb} EXTERNAL ${user}\r\n`,
    `${verb} PLAIN\r\n*\r\n`,
    `${verb} LOGIN\r\n${user}\r\n*\r\n`,
    `${verb} PLAIN ${base64(word(random))}\r\n`,
    `${verb} CRAM-MD5\r\n${base64(word(random))}\r\n`,
    `${verb} ${random.pick(['NTLM', 'XOAUTH2 abc', '', 'PLAIN = =', 'LOGIN x y'])}\r\n`,
  ]);
}

function literal(text: string): string {
  return text === '' ? 'x' : `{${text.length}}\r\n${text}`;
}

function imap(random: Random): string {
  const tag = random.pick(['a', 'A1', 't.1-_', '0', 'x'.repeat(32), 'x'.repeat(33), '*', '']);
  return random.pick([
    `${tag} NOOP\r\n`,
    `${tag} noop 1 2 3\r\n`,
    `${tag} CAPABILITY\r\n`,
    `${tag} LOGIN ${atom(random)} ${atom(random)}\r\n`,
    `${tag} LOGIN "${word(random).replaceAll('"', '')}" "${word(random).replaceAll('"', '')}"\r\n`,
    `${tag} LOGIN ${literal(word(random))} ${literal(word(random))}\r\n`,
    `${tag} LOGIN ${atom(random)}\r\n`,
    `${tag} LOGIN\r\n`,
    `${tag} STARTTLS\r\n`,
    `${tag} SELECT inbox\r\n`,
    `${tag}\r\n`,
    '\r\n',
    sasl(random, `${tag} AUTHENTICATE`),
    sasl(random, `${tag} authenticate`),
  ]);
}

function pop3(random: Random): string {
  return random.pick([
    'NOOP\r\n',
    'noop 1 2\r\n',
    'CAPA\r\n',
    `USER ${word(random)}\r\n`,
    `PASS ${word(random)}\r\n`,
    `USER ${atom(random)}\r\nPASS ${atom(random)}\r\n`,
    `APOP ${atom(random)} ${DIGEST}\r\n`,
    'STLS x\r\n',
    'STAT\r\n',
    'AUTH\r\n',
    '\r\n',
    sasl(random, 'AUTH'),
    sasl(random, 'auth'),
  ]);
}

function smtp(random: Random): string {
  return random.pick([
    'NOOP\r\n',
    `EHLO ${atom(random)}\r\n`,
    `helo ${atom(random)}\r\n`,
    'EHLO\r\n',
    'RSET\r\n',
    `MAIL FROM:<${atom(random)}>\r\n`,
    `MAIL FROM:<${atom(random)}>\r\nRCPT TO:<${atom(random)}>\r\n`,
    `RCPT TO:<${atom(random)}> NOTIFY=NEVER\r\n`,
    'VRFY x\r\n',
    'DATA\r\n',
    'STARTTLS x\r\n',
    '\r\n',
    sasl(random, 'AUTH'),
    sasl(random, 'auth'),
  ]);
}

/** One command with its line ends; several lines where an exchange follows. */
export function command(protocol: Protocol, random: Random): string {
  return { imap, pop3, smtp }[protocol](random);
}

/** The command that ends a session. */
export function goodbye(protocol: Protocol): string {
  return protocol === 'imap' ? 'z LOGOUT\r\n' : 'QUIT\r\n';
}
