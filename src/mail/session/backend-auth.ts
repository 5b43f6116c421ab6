// How a login is said to a backend: what the configuration wants, what the client did, and what an answer asks for.
import type { AuthMethod, Credentials } from './credentials.ts';

/** `login` is LOGIN of IMAP, USER and PASS of POP3, AUTH LOGIN of SMTP; `none` goes without, in SMTP only. */
export type BackendMechanism = 'none' | 'login' | 'plain' | 'xoauth2' | 'oauthbearer' | 'external';

/** `pass`: the client's own mechanism. */
export type BackendAuth = BackendMechanism | 'pass';

/** The words of Auth-Method in an answer of the auth server. */
const NAMES: ReadonlyMap<string, BackendMechanism> = new Map([
  ['none', 'none'],
  ['login', 'login'],
  ['plain', 'plain'],
  ['xoauth2', 'xoauth2'],
  ['oauthbearer', 'oauthbearer'],
  ['external', 'external'],
]);
const LONGEST_NAME = 11;

/** What the client's methods are repeated by; a digest answers a challenge that the backend has not made. */
const REPEATED: Readonly<Partial<Record<AuthMethod, BackendMechanism>>> = {
  plain: 'plain',
  xoauth2: 'xoauth2',
  oauthbearer: 'oauthbearer',
  external: 'external',
};

/** The mechanism of this name, in upper or lower case. */
export function namedMechanism(name: Buffer): BackendMechanism | undefined {
  return name.length > LONGEST_NAME ? undefined : NAMES.get(name.toString('latin1').toLowerCase());
}

/** @param otherwise for a password of the auth server, where what the client did cannot be repeated */
export function mechanismFor(
  configured: BackendAuth,
  credentials: Credentials | undefined,
  otherwise: BackendMechanism,
): BackendMechanism {
  if (credentials === undefined || credentials.method === 'none') return 'none';
  if (configured !== 'pass') return configured;
  if (credentials.apart === true) return 'login';
  return REPEATED[credentials.method] ?? otherwise;
}

/** Whether a password or a token is needed for it. */
export function needsPassword(mechanism: BackendMechanism): boolean {
  return mechanism !== 'none' && mechanism !== 'external';
}
