// The SMTP module's structs, and the lines that are made of them when the configuration is read.
import type { ByteString } from '../../conf/directive.ts';
import type { Capabilities } from '../session/capabilities.ts';

export type SmtpMethod = 'plain' | 'login' | 'cram-md5' | 'external' | 'xoauth2' | 'oauthbearer' | 'none';

export interface SmtpRaw {
  bufferSize: number | undefined;
  greetingDelayMs: number | undefined;
  capabilities: ByteString[] | undefined;
  auth: Set<SmtpMethod> | undefined;
}

export interface SmtpConf {
  readonly auth: ReadonlySet<SmtpMethod>;
  /** Bytes. */
  readonly bufferSize: number;
  readonly greetingDelayMs: number;
  readonly greeting: Buffer;
  /** The reply to HELO. */
  readonly helo: Buffer;
  /** The reply to EHLO. */
  readonly ehlo: Capabilities;
}

const DEFAULT_AUTH: ReadonlySet<SmtpMethod> = new Set<SmtpMethod>(['plain', 'login']);
const MECHANISMS: readonly (readonly [SmtpMethod, string])[] = [
  ['plain', 'PLAIN'],
  ['login', 'LOGIN'],
  ['cram-md5', 'CRAM-MD5'],
  ['external', 'EXTERNAL'],
  ['xoauth2', 'XOAUTH2'],
  ['oauthbearer', 'OAUTHBEARER'],
];

export function smtpConf(
  prev: Readonly<SmtpRaw>,
  conf: Readonly<SmtpRaw>,
  serverName: ByteString,
  pageSize: number,
): SmtpConf {
  const words = conf.capabilities ?? prev.capabilities ?? [];
  const auth = conf.auth ?? prev.auth ?? DEFAULT_AUTH;
  const mechanisms = MECHANISMS.filter(([method]) => auth.has(method)).map(([, word]) => word);
  const authLine = mechanisms.length > 0 ? [['AUTH', ...mechanisms].join(' ')] : [];
  return {
    auth,
    bufferSize: conf.bufferSize ?? prev.bufferSize ?? pageSize,
    greetingDelayMs: conf.greetingDelayMs ?? prev.greetingDelayMs ?? 0,
    greeting: Buffer.from(`220 ${serverName} ESMTP ready\r\n`, 'latin1'),
    helo: Buffer.from(`250 ${serverName}\r\n`, 'latin1'),
    ehlo: {
      withoutStarttls: multiline([serverName, ...words, ...authLine]),
      withStarttls: multiline([serverName, ...words, ...authLine, 'STARTTLS']),
      onlyStarttls: multiline([serverName, ...words, 'STARTTLS']),
    },
  };
}

function multiline(lines: readonly ByteString[]): Buffer {
  const last = lines.length - 1;
  return Buffer.from(lines.map((line, i) => `250${i === last ? ' ' : '-'}${line}\r\n`).join(''), 'latin1');
}
