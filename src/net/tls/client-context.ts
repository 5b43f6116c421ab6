// Builds what TLS to servers needs from the settings of one location, checked in nginx's order and with its messages.
import type { SecureContext } from 'node:tls';
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { loadCertificates } from './certificates.ts';
import { ClientSessions } from './client-sessions.ts';
import { applyConfCommands, type ConfCommand, planConfCommands } from './conf-command.ts';
import { createContext, setCiphers } from './context.ts';
import type { TlsFiles } from './files.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { type ContextOptions, Op, protocolBits } from './options.ts';
import type { TlsProtocolName } from './settings.ts';
import { loadSystemAuthorities } from './system-authorities.ts';
import { VerifyDepth } from './verify-depth.ts';
import { loadAuthorities, loadCrls } from './verify-store.ts';

export interface ClientTlsSettings {
  /** How the directives begin: `proxy_ssl`. */
  readonly prefix: string;
  /** Empty or undefined: none. The same for the other files. */
  readonly certificate: ByteString | undefined;
  readonly key: ByteString | undefined;
  readonly passphrases: readonly Buffer[] | undefined;
  readonly protocols: ReadonlySet<TlsProtocolName>;
  readonly ciphers: ByteString;
  readonly verify: boolean;
  readonly verifyDepth: number;
  readonly trusted: ByteString | undefined;
  /** Where `trusted` names none, the CAs of the system count. */
  readonly trustsSystem: boolean;
  readonly crl: ByteString | undefined;
  readonly confCommands: readonly ConfCommand[];
  readonly reusesSessions: boolean;
  /** SHA-256 of certificates, 32 bytes each: a server has to show one of them. Empty: any. */
  readonly pins: readonly Buffer[];
  /** A server may ask for another handshake on the same connection, up to TLS 1.2. */
  readonly renegotiates: boolean;
}

export interface ClientTls {
  readonly context: SecureContext;
  readonly verify: boolean;
  readonly verifyDepth: VerifyDepth;
  readonly pins: readonly Buffer[];
  /** Of servers, by what tells them apart; undefined: each handshake is a full one. */
  readonly sessions: ClientSessions | undefined;
}

/** @throws ConfError */
export function buildClientTls(settings: ClientTlsSettings, files: TlsFiles): ClientTls {
  const { prefix, certificate = '', key = '', trusted = '', crl = '', verify, confCommands } = settings;
  const options: ContextOptions = {
    bits: Op.noCompression | Op.ignoreUnexpectedEof | protocolBits(settings.protocols),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
  };
  if (!settings.renegotiates) options.bits |= Op.noRenegotiation;
  planConfCommands(options, confCommands);
  const context = createContext(options);
  const native: NativeSecureContext = context.context;
  setCiphers(native, settings.ciphers);
  if (certificate !== '') {
    if (key === '') throw new ConfError(`no "${prefix}_certificate_key" is defined for certificate "${certificate}"`);
    loadCertificates(native, { certificates: [certificate], keys: [key], passphrases: settings.passphrases }, files);
  }
  const authorities = new Set<string>();
  if (verify) {
    if (trusted !== '') loadAuthorities(native, trusted, files, authorities);
    else if (settings.trustsSystem) loadSystemAuthorities(native, files, authorities);
    else throw new ConfError(`no ${prefix}_trusted_certificate for ${prefix}_verify`);
    if (crl !== '') loadCrls(native, crl, files);
  }
  applyConfCommands(native, confCommands, files);
  return {
    context,
    verify,
    verifyDepth: new VerifyDepth(settings.verifyDepth, authorities),
    pins: settings.pins,
    sessions: settings.reusesSessions ? new ClientSessions() : undefined,
  };
}
