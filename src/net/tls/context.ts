// Builds what the TLS of one server needs from its settings, checked in nginx's order and with its messages.
import { createHash, randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { at, type ByteString, ConfError } from '../../conf/directive.ts';
import { type KeyFacts, keyFacts } from '../x509/certificate-facts.ts';
import { loadCertificates } from './certificates.ts';
import { ChainFacts } from './chain-facts.ts';
import { applyConfCommands, planConfCommands } from './conf-command.ts';
import { loadDhParameters } from './dhparam.ts';
import type { TlsFiles } from './files.ts';
import { setGroups, UnknownGroup } from './groups.ts';
import { TlsHub } from './hub.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { opensslText } from './openssl-error.ts';
import { type ContextOptions, Op, protocolBits } from './options.ts';
import { type SessionLimits, SessionStore, type Sessions } from './session-cache.ts';
import { type SessionZone, SessionZones, type TlsShares } from './session-zones.ts';
import type { TlsSettings } from './settings.ts';
import { loadTicketKeys } from './ticket-keys.ts';
import { Tickets } from './tickets.ts';
import { VerifyDepth } from './verify-depth.ts';
import { loadVerifyStore, type VerifyStore } from './verify-store.ts';

/** A TLS session that knows its certificate, in DER. */
export interface TlsOwner {
  ownCertificate(): Buffer | undefined;
}

/** The TLS of one server, ready for handshakes. */
export interface ServerTls {
  readonly context: SecureContext;
  readonly requestsCertificate: boolean;
  /** What client certificates are checked with: a certificate counts where this is the same. */
  readonly trust: string;
  /** undefined where sessions are not kept. */
  readonly hub: TlsHub | undefined;
  readonly tickets: Tickets;
  readonly verifyDepth: VerifyDepth;
  /** Of the certificate that this session was made with. */
  certificateFacts(session: TlsOwner): KeyFacts;
}

/**
 * Loads certificates, keys and everything else.
 * @param zones those of the whole configuration, for what its servers share.
 * @throws ConfError with nginx's message; the first problem wins.
 */
export function buildServerTls(
  settings: TlsSettings,
  files: TlsFiles,
  zones: TlsShares = new SessionZones(),
): ServerTls {
  checkPairs(settings);
  const zone = zoneOf(settings, zones);
  const sharesChains = zone !== undefined && settings.verifyClient !== 'off';
  const options = contextOptions(settings);
  // What is known of a chain travels along with a session in the zone; a ticket has no room for it.
  if (sharesChains) options.bits |= Op.noTicket;
  const context = createContext(options);
  const native: NativeSecureContext = context.context;
  setCiphers(native, settings.ciphers);
  const loaded = loadCertificates(native, settings, files);
  const verify = loadVerifyStore(native, settings, files);
  loadDhParameters(native, settings.dhparam, files);
  setCurves(native, settings.ecdhCurve);

  const { sessionTimeoutS } = settings;
  // 0 would mean OpenSSL's default, nginx's is "at once".
  native.setSessionTimeout(Math.max(sessionTimeoutS, 1));
  const fileKeys = loadTicketKeys(settings.sessionTicketKeys, settings.blockEnd, files);
  const tickets = new Tickets(fileKeys ?? zones.ticketKeys(zone, Math.max(sessionTimeoutS, 1)));
  tickets.serve(native);
  const leaves = [...loaded, ...applyConfCommands(native, settings.confCommands, files)];
  const sidContext = sessionIdContext(settings, leaves, sharesChains ? verify : undefined);
  native.setSessionIdContext(sidContext);

  const stores = storesOf(settings, zone);
  const chains = sharesChains
    ? new ChainFacts({ zone, context: sidContext, lifetimeS: sessionTimeoutS })
    : new ChainFacts();
  const hubOptions = {
    stores,
    zone,
    lifetimeS: sessionTimeoutS,
    hasTls13: (options.bits & Op.noTls1_3) === 0 && options.maxVersion === 'TLSv1.3',
    hasTickets: (options.bits & Op.noTicket) === 0,
    chains: sharesChains ? chains : undefined,
  };
  return {
    context,
    requestsCertificate: settings.verifyClient !== 'off',
    trust: `${settings.verifyDepth} ${verify.digest}`,
    hub: stores.length === 0 ? undefined : new TlsHub(hubOptions),
    tickets,
    verifyDepth: new VerifyDepth(settings.verifyDepth, verify.trusted, chains),
    certificateFacts: factsByCertificate(leaves),
  };
}

export function checkPairs({ certificates, keys, need }: TlsSettings): void {
  const last = certificates[certificates.length - 1];
  if (need === undefined) {
    if (keys.length >= certificates.length) return;
    throw new ConfError(`no "ssl_certificate_key" is defined for certificate "${last}"`);
  }
  const place = `"${need.directive}" directive${at(need.position)}`;
  if (last === undefined) throw new ConfError(`no "ssl_certificate" is defined for the ${place}`);
  if (keys.length === 0) throw new ConfError(`no "ssl_certificate_key" is defined for the ${place}`);
  if (keys.length < certificates.length) {
    throw new ConfError(`no "ssl_certificate_key" is defined for certificate "${last}" and the ${place}`);
  }
}

/** Renegotiation is refused, and an end without close_notify is an end. */
const ALWAYS = Op.noRenegotiation | Op.noCompression | Op.ignoreUnexpectedEof;

function contextOptions(settings: TlsSettings): ContextOptions {
  const options: ContextOptions = {
    bits: ALWAYS | protocolBits(settings.protocols),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
  };
  if (settings.preferServerCiphers) options.bits |= Op.serverPreference;
  if (!settings.sessionTickets) options.bits |= Op.noTicket;
  planConfCommands(options, settings.confCommands);
  return options;
}

export function createContext({ bits, minVersion, maxVersion }: ContextOptions): SecureContext {
  // An empty list of CAs, since without one Node.js trusts those that it brings along.
  return createSecureContext({
    ca: [],
    secureOptions: bits,
    minVersion,
    maxVersion,
    ciphers: TLS13_SUITES,
  });
}

/** OpenSSL's default for TLS 1.3; without a word for TLS 1.2 here, that part is set next. */
const TLS13_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ALL';

export function setCiphers(native: NativeSecureContext, list: ByteString): void {
  try {
    // OpenSSL finds no cipher in an empty list; Node.js would take it for "none for TLS 1.2".
    native.setCiphers(list === '' ? '-ALL' : list);
  } catch (error) {
    throw new ConfError(`SSL_CTX_set_cipher_list("${list}") failed (SSL: ${opensslText(error) ?? ''})`);
  }
}

function setCurves(native: NativeSecureContext, list: ByteString): void {
  if (list === 'auto') return;
  const failed = `SSL_CTX_set1_curves_list("${list}") failed`;
  if (list === '') throw new ConfError(failed);
  try {
    setGroups(native, list);
  } catch (error) {
    if (!(error instanceof UnknownGroup)) throw new ConfError(failed);
    throw new ConfError(`${failed} (SSL: ${error.message})`);
  }
}

/**
 * A session is good only where the certificates are the same. Where clients are verified it is good only where that is
 * done in the same way, with the same files.
 * @param verify undefined: with this very server in this process, which remembers how long the client's chain was
 */
function sessionIdContext(settings: TlsSettings, leaves: readonly Buffer[], verify: VerifyStore | undefined): string {
  const { verifyClient, verifyDepth } = settings;
  const hash = createHash('sha256');
  for (const leaf of leaves) hash.update(leaf);
  if (verify !== undefined) hash.update(`${verifyClient} ${verifyDepth} ${verify.digest}`);
  else if (verifyClient !== 'off') hash.update(randomBytes(32));
  return hash.digest('hex').slice(0, 32);
}

function zoneOf({ sessionCache: cache }: TlsSettings, zones: TlsShares): SessionZone | undefined {
  if (cache.kind !== 'cache') return undefined;
  if (cache.shared !== undefined) return zones.get(cache.shared.name, cache.shared.bytes);
  return cache.builtin === undefined ? undefined : zones.builtin(builtinLimits(cache.builtin));
}

function storesOf({ sessionCache: cache }: TlsSettings, zone: SessionZone | undefined): readonly Sessions[] {
  const stores: Sessions[] = [];
  if (cache.kind === 'cache' && cache.builtin !== undefined && cache.shared !== undefined) {
    stores.push(new SessionStore(builtinLimits(cache.builtin)));
  }
  if (zone !== undefined) stores.push(zone);
  return stores;
}

/** @param sessions 0 means without limit, as in OpenSSL; memory is bounded all the same */
const builtinLimits = (sessions: number): SessionLimits => ({
  sessions: sessions === 0 ? Number.POSITIVE_INFINITY : sessions,
  bytes: BUILTIN_BYTES,
});

const BUILTIN_BYTES = 64 * 1024 * 1024;

function factsByCertificate(leaves: readonly Buffer[]): (session: TlsOwner) => KeyFacts {
  const facts = leaves.map(keyFacts);
  return (session) => {
    const own = session.ownCertificate();
    const i = own === undefined ? -1 : leaves.findIndex((leaf) => leaf.equals(own));
    return facts[i] ?? { sigAlg: undefined, keyType: undefined };
  };
}
