// SASL responses of the clients: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), EXTERNAL (RFC 4422 appendix A).

import { randomInt } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import { decodeBase64 } from './base64.ts';

export type SaslMechanism = 'plain' | 'login' | 'cram-md5' | 'external' | 'xoauth2' | 'oauthbearer';

const MECHANISMS: ReadonlyMap<string, SaslMechanism> = new Map([
  ['plain', 'plain'],
  ['login', 'login'],
  ['cram-md5', 'cram-md5'],
  ['external', 'external'],
  ['xoauth2', 'xoauth2'],
  ['oauthbearer', 'oauthbearer'],
]);
const LONGEST_NAME = 11;

const SP = 0x20;
const DIGEST_LENGTH = 32;
/** The RANDOM of a challenge is below this. */
const RANDOM_RANGE = 2 ** 47;

/** A response that cannot be used; `reason` is the log's text. */
export interface SaslFault {
  readonly kind: 'invalid';
  readonly reason: ByteString;
  /** Set where the log shows a login all the same. */
  readonly login: Buffer | undefined;
}

/** One decoded value; the buffer is the caller's, to be zeroed. */
export type SaslValue = { readonly kind: 'value'; readonly value: Buffer } | SaslFault;

/** User with password, token or digest; the buffers are the caller's, to be zeroed. */
export type SaslPair = { readonly kind: 'pair'; readonly user: Buffer; readonly pass: Buffer } | SaslFault;

/** The mechanism that an AUTH command names, in upper or lower case. */
export function saslMechanism(name: Buffer): SaslMechanism | undefined {
  return name.length > LONGEST_NAME ? undefined : MECHANISMS.get(name.toString('latin1').toLowerCase());
}

/** A PLAIN response: `[authzid] NUL user NUL password`. Which identity to act as is not the client's to say. */
export function decodePlain(arg: Buffer): SaslPair {
  const message = decodeBase64(arg);
  if (message === undefined) return badBase64('PLAIN');
  const first = message.indexOf(0);
  if (first === -1 || first + 1 === message.length) {
    message.fill(0);
    return fault('client sent invalid login in AUTH PLAIN command');
  }
  const second = message.indexOf(0, first + 1);
  if (second === -1) {
    message.fill(0);
    return fault('client sent invalid password in AUTH PLAIN command');
  }
  return {
    kind: 'pair',
    user: message.subarray(first + 1, second),
    pass: message.subarray(second + 1),
  };
}

/** The user or the password of LOGIN. Both may be empty, and every byte may be in them. */
export function decodeLogin(arg: Buffer): SaslValue {
  const value = decodeBase64(arg);
  return value === undefined ? badBase64('LOGIN') : { kind: 'value', value };
}

/** An EXTERNAL response: the user name, which may be empty. */
export function decodeExternal(arg: Buffer): SaslValue {
  const value = decodeBase64(arg);
  return value === undefined ? badBase64('EXTERNAL') : { kind: 'value', value };
}

/** A CRAM-MD5 response: `user SP digest`. Only the length of the digest is looked at; the auth server checks it. */
export function decodeCramMd5(arg: Buffer): SaslPair {
  const message = decodeBase64(arg);
  if (message === undefined) return badBase64('CRAM-MD5');
  const space = message.indexOf(SP);
  if (space !== -1 && message.length - space - 1 === DIGEST_LENGTH) {
    return {
      kind: 'pair',
      user: message.subarray(0, space),
      pass: message.subarray(space + 1),
    };
  }
  // nginx tests the password of an earlier attempt where there is no space; that is never done here.
  const login = space === -1 ? undefined : Buffer.from(message.subarray(0, space));
  message.fill(0);
  return fault('client sent invalid CRAM-MD5 hash in AUTH CRAM-MD5 command', login);
}

/** The challenge of APOP and CRAM-MD5, `<RANDOM.TIME@SERVER_NAME>`: one a session. `now` is in milliseconds. */
export function challengeText(serverName: ByteString, now: number): Buffer {
  return Buffer.from(`<${randomInt(RANDOM_RANGE)}.${Math.floor(now / 1000)}@${serverName}>`, 'latin1');
}

export function badBase64(mechanism: string): SaslFault {
  return fault(`client sent invalid base64 encoding in AUTH ${mechanism} command`);
}

export function fault(reason: ByteString, login?: Buffer): SaslFault {
  return { kind: 'invalid', reason, login };
}
