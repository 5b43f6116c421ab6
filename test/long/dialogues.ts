// What the clients of the load say: steps in lock step, each a text to send and the reply that ends the step.
import { saslPlain } from '../support/bytes.ts';

export type Protocol = 'imap' | 'pop3' | 'smtp';
export type Security = 'clear' | 'starttls' | 'tls';

export interface Step {
  /** Empty: the server speaks first. */
  readonly send: string;
  /** Matched against all that arrived since the text was sent. */
  readonly until: RegExp;
  /** The TLS handshake follows. */
  readonly handshake?: true;
}

export const PASSWORD = 'long-secret';

interface Words {
  readonly greeting: RegExp;
  readonly starttls: readonly Step[];
  readonly login: (user: string) => readonly Step[];
  readonly logout: readonly Step[];
}

const WORDS: Readonly<Record<Protocol, Words>> = {
  imap: {
    greeting: /^\* OK .*\r\n$/,
    starttls: [{ send: 's STARTTLS\r\n', until: /^s OK .*\r\n$/, handshake: true }],
    login: (user) => [{ send: `a LOGIN ${user} ${PASSWORD}\r\n`, until: /^a OK .*\r\n$/ }],
    logout: [
      { send: 'b NOOP\r\n', until: /^b OK .*\r\n$/ },
      { send: 'c LOGOUT\r\n', until: /^\* BYE .*\r\nc OK .*\r\n$/ },
    ],
  },
  pop3: {
    greeting: /^\+OK .*\r\n$/,
    starttls: [{ send: 'STLS\r\n', until: /^\+OK.*\r\n$/, handshake: true }],
    login: (user) => [
      { send: `USER ${user}\r\n`, until: /^\+OK.*\r\n$/ },
      { send: `PASS ${PASSWORD}\r\n`, until: /^\+OK .*\r\n$/ },
    ],
    logout: [
      { send: 'NOOP\r\n', until: /^\+OK .*\r\n$/ },
      { send: 'QUIT\r\n', until: /^\+OK .*\r\n$/ },
    ],
  },
  smtp: {
    greeting: /^220 .*\r\n$/,
    starttls: [
      { send: 'EHLO client.example.org\r\n', until: /^250 .*\r\n$/m },
      { send: 'STARTTLS\r\n', until: /^220 .*\r\n$/, handshake: true },
    ],
    login: (user) => [
      { send: 'EHLO client.example.org\r\n', until: /^250 .*\r\n$/m },
      { send: `AUTH PLAIN ${saslPlain(user, PASSWORD)}\r\n`, until: /^235 .*\r\n$/ },
    ],
    logout: [
      { send: 'NOOP\r\n', until: /^250 .*\r\n$/ },
      { send: 'QUIT\r\n', until: /^221 .*\r\n$/ },
    ],
  },
};

/** From the first byte to where the client may log in. */
export function arrival(protocol: Protocol, security: Security): readonly Step[] {
  const { greeting, starttls } = WORDS[protocol];
  return [{ send: '', until: greeting }, ...(security === 'starttls' ? starttls : [])];
}

export const login = (protocol: Protocol, user: string): readonly Step[] => WORDS[protocol].login(user);

/** A command through the relay, then good-bye. */
export const logout = (protocol: Protocol): readonly Step[] => WORDS[protocol].logout;
