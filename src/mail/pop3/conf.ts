// The POP3 module's structs, and the lines that are made of them when the configuration is read.
import type { ByteString } from '../../conf/directive.ts';
import type { Capabilities } from '../session/capabilities.ts';

export type Pop3Method = 'plain' | 'apop' | 'cram-md5' | 'external' | 'xoauth2' | 'oauthbearer';

export interface Pop3Raw {
  bufferSize: number | undefined;
  capabilities: ByteString[] | undefined;
  auth: Set<Pop3Method> | undefined;
}

export interface Pop3Conf {
  readonly auth: ReadonlySet<Pop3Method>;
  /** Bytes. */
  readonly bufferSize: number;
  /** The answer to CAPA. */
  readonly capa: Capabilities;
  /** The answer to AUTH without a mechanism. */
  readonly methods: Buffer;
}

/** As in nginx, which has no directive for it. A token does not fit. */
const BUFFER_SIZE = 128;
const DEFAULT_CAPABILITIES: readonly ByteString[] = ['TOP', 'USER', 'UIDL'];
const DEFAULT_AUTH: ReadonlySet<Pop3Method> = new Set<Pop3Method>(['plain']);

export function pop3Conf(prev: Readonly<Pop3Raw>, conf: Readonly<Pop3Raw>): Pop3Conf {
  const words = conf.capabilities ?? prev.capabilities ?? DEFAULT_CAPABILITIES;
  const auth = conf.auth ?? prev.auth ?? DEFAULT_AUTH;
  const mechanisms = [
    ...(auth.has('plain') ? ['PLAIN', 'LOGIN'] : []),
    ...(auth.has('cram-md5') ? ['CRAM-MD5'] : []),
    ...(auth.has('external') ? ['EXTERNAL'] : []),
    ...(auth.has('xoauth2') ? ['XOAUTH2'] : []),
    ...(auth.has('oauthbearer') ? ['OAUTHBEARER'] : []),
  ];
  const head = '+OK Capability list follows';
  const sasl = ['SASL', ...mechanisms].join(' ');
  const withoutUser = words.filter((word) => word.toUpperCase() !== 'USER');
  return {
    auth,
    bufferSize: conf.bufferSize ?? prev.bufferSize ?? BUFFER_SIZE,
    capa: {
      withoutStarttls: lines(head, ...words, sasl, '.'),
      withStarttls: lines(head, ...words, sasl, 'STLS', '.'),
      onlyStarttls: lines(head, ...withoutUser, 'STLS', '.'),
    },
    methods: lines('+OK methods supported:', ...mechanisms, '.'),
  };
}

const lines = (...all: ByteString[]): Buffer => Buffer.from(all.map((line) => `${line}\r\n`).join(''), 'latin1');
