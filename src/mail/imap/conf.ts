// The IMAP module's structs, and the lines that are made of them when the configuration is read.
import type { ByteString } from '../../conf/directive.ts';
import type { Capabilities } from '../session/capabilities.ts';

export type ImapMethod = 'plain' | 'login' | 'cram-md5' | 'external' | 'xoauth2' | 'oauthbearer';

export interface ImapRaw {
  bufferSize: number | undefined;
  capabilities: ByteString[] | undefined;
  auth: Set<ImapMethod> | undefined;
}

export interface ImapConf {
  readonly auth: ReadonlySet<ImapMethod>;
  /** Bytes. */
  readonly bufferSize: number;
  /** The untagged line. */
  readonly capability: Capabilities;
}

const DEFAULT_CAPABILITIES: readonly ByteString[] = ['IMAP4', 'IMAP4rev1', 'UIDPLUS'];
const DEFAULT_AUTH: ReadonlySet<ImapMethod> = new Set<ImapMethod>(['plain']);
const MECHANISMS: readonly (readonly [ImapMethod, string])[] = [
  ['plain', 'AUTH=PLAIN'],
  ['login', 'AUTH=LOGIN'],
  ['cram-md5', 'AUTH=CRAM-MD5'],
  ['external', 'AUTH=EXTERNAL'],
  ['xoauth2', 'AUTH=XOAUTH2'],
  ['oauthbearer', 'AUTH=OAUTHBEARER'],
];

export function imapConf(prev: Readonly<ImapRaw>, conf: Readonly<ImapRaw>, pageSize: number): ImapConf {
  const words = conf.capabilities ?? prev.capabilities ?? DEFAULT_CAPABILITIES;
  const auth = conf.auth ?? prev.auth ?? DEFAULT_AUTH;
  const mechanisms = MECHANISMS.filter(([method]) => auth.has(method)).map(([, word]) => word);
  return {
    auth,
    bufferSize: conf.bufferSize ?? prev.bufferSize ?? pageSize,
    capability: {
      withoutStarttls: line(...words, ...mechanisms),
      withStarttls: line(...words, ...mechanisms, 'STARTTLS'),
      onlyStarttls: line(...words, 'STARTTLS', 'LOGINDISABLED'),
    },
  };
}

const line = (...words: ByteString[]): Buffer => Buffer.from(`* ${['CAPABILITY', ...words].join(' ')}\r\n`, 'latin1');
