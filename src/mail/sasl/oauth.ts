// SASL responses of the OAuth mechanisms: XOAUTH2, and OAUTHBEARER (RFC 7628). The token takes the password's place.
import { decodeBase64 } from './base64.ts';
import { badBase64, fault, type SaslPair } from './mechanisms.ts';

const SEPARATOR = 0x01;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const USER = Buffer.from('user=');
const AUTHZID = Buffer.from('a=');
/** Compared in any case. */
const BEARER = Buffer.from('auth=bearer ');
/** What the client says to an error in a challenge, when it does as RFC 7628 tells: the byte 0x01. */
const DUMMY = Buffer.from('AQ==');
const CANCEL = 0x2a;

/** `user=NAME ^A auth=Bearer TOKEN ^A ^A`. */
export function decodeXoauth2(arg: Buffer): SaslPair {
  const message = decodeBase64(arg);
  if (message === undefined) return badBase64('XOAUTH2');
  const nameEnd = message.indexOf(SEPARATOR);
  if (!startsAt(message, 0, USER) || nameEnd <= USER.length) return refuse(message, 'login', 'XOAUTH2');
  const tokenEnd = message.length - 2;
  const isWhole = message.indexOf(SEPARATOR, nameEnd + 1) === tokenEnd && message[tokenEnd + 1] === SEPARATOR;
  if (!isWhole || !isBearer(message, nameEnd + 1)) return refuse(message, 'token', 'XOAUTH2');
  return {
    kind: 'pair',
    user: message.subarray(USER.length, nameEnd),
    pass: message.subarray(nameEnd + 1 + BEARER.length, tokenEnd),
  };
}

/** `n,a=NAME, ^A KEY=VALUE ^A … ^A`: of the pairs only `auth` counts, which holds the token. */
export function decodeOauthBearer(arg: Buffer): SaslPair {
  const message = decodeBase64(arg);
  if (message === undefined) return badBase64('OAUTHBEARER');
  // The first field is about channel binding, which there is none of: `p=…` asks for it.
  const isUnbound = (message[0] === 0x6e || message[0] === 0x79) && message[1] === COMMA;
  const nameEnd = message.indexOf(COMMA, 2);
  if (!isUnbound || nameEnd === -1 || !startsAt(message, 2, AUTHZID)) return refuse(message, 'login', 'OAUTHBEARER');
  const nameStart = 2 + AUTHZID.length;
  const user = unescapeName(message.subarray(nameStart, nameEnd));
  if (user === undefined || user.length === 0) return refuse(message, 'login', 'OAUTHBEARER');
  const pass = message[nameEnd + 1] === SEPARATOR ? bearerOf(message, nameEnd + 2) : undefined;
  return pass === undefined ? refuse(message, 'token', 'OAUTHBEARER') : { kind: 'pair', user, pass };
}

/** Whether an answer to the challenge that tells of an error says nothing but that it was heard. */
export function isAcknowledgement(answer: Buffer): boolean {
  if (answer.length === 0 || startsAt(answer, 0, DUMMY)) return true;
  return answer.length === 1 && answer[0] === CANCEL;
}

/** The token in the pairs from `at` on, each of which ends with a separator. */
function bearerOf(message: Buffer, at: number): Buffer | undefined {
  let start = at;
  for (let end = message.indexOf(SEPARATOR, start); end > start; end = message.indexOf(SEPARATOR, start)) {
    if (isBearer(message, start)) return message.subarray(start + BEARER.length, end);
    start = end + 1;
  }
  return undefined;
}

/** Writes the name over itself: `=2C` is a comma, `=3D` an equals sign, and nothing else is an escape. */
function unescapeName(name: Buffer): Buffer | undefined {
  let to = 0;
  for (let from = 0; from < name.length; from++) {
    const byte = name[from] ?? 0;
    if (byte !== EQUALS) {
      name[to++] = byte;
      continue;
    }
    const escaped = name.toString('latin1', from + 1, from + 3);
    if (escaped !== '2C' && escaped !== '3D') return undefined;
    name[to++] = escaped === '2C' ? COMMA : EQUALS;
    from += 2;
  }
  return name.subarray(0, to);
}

function isBearer(message: Buffer, at: number): boolean {
  for (let i = 0; i < BEARER.length; i++) {
    const byte = message[at + i] ?? 0;
    const isUpper = byte >= 0x41 && byte <= 0x5a;
    if ((isUpper ? byte | 0x20 : byte) !== BEARER[i]) return false;
  }
  return true;
}

function startsAt(message: Buffer, at: number, prefix: Buffer): boolean {
  return (
    message.length - at >= prefix.length && message.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0
  );
}

function refuse(message: Buffer, what: 'login' | 'token', mechanism: string): SaslPair {
  message.fill(0);
  return fault(`client sent invalid ${what} in AUTH ${mechanism} command`);
}
