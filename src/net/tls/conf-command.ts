// ssl_conf_command: the SSL_CONF_cmd names of OpenSSL that can be passed on through Node.js.
import type { SecureVersion } from 'node:tls';
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { LoadFailure, loadCertificateFile, loadKeyFile } from './conf-command-files.ts';
import { fullName, type TlsFiles } from './files.ts';
import { setGroups } from './groups.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { opensslText } from './openssl-error.ts';
import { ALL_PROTOCOLS, type ContextOptions, NO_PROTOCOL, Op } from './options.ts';

export interface ConfCommand {
  readonly name: ByteString;
  readonly value: ByteString;
}

type Verdict = 'ok' | 'bad-value' | 'unsupported';

/** Commands that change what a context is made with. */
const EARLY: ReadonlyMap<string, (options: ContextOptions, value: string) => Verdict> = new Map([
  ['minprotocol', setMinVersion],
  ['maxprotocol', setMaxVersion],
  ['protocol', (options, value) => eachWord(value, (word, on) => setProtocol(options, word, on))],
  ['options', (options, value) => eachWord(value, (word, on) => setOption(options, word, on))],
]);

/** Commands that a finished context takes. They throw OpenSSL's errors. */
const LATE: ReadonlyMap<string, (native: NativeSecureContext, value: string) => Verdict> = new Map([
  ['cipherstring', setCipherList],
  ['ciphersuites', setSuites],
  ['curves', setGroupList],
  ['groups', setGroupList],
  ['ecdhparameters', setGroupList],
  ['signaturealgorithms', setSignatureList],
]);

/** Commands that load a file, whose name is relative to the configuration's. They return leaf certificates, DER. */
const FILES: ReadonlyMap<string, (native: NativeSecureContext, path: ByteString, files: TlsFiles) => Buffer[]> =
  new Map([
    ['certificate', (native, path, files) => [loadCertificateFile(native, path, files)]],
    [
      'privatekey',
      (native, path, files) => {
        loadKeyFile(native, path, files);
        return [];
      },
    ],
  ]);

/** Known to OpenSSL for a server, with no way to them through Node.js. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'clientsignaturealgorithms',
  'verifymode',
  'verifycafile',
  'verifycapath',
  'verifycastore',
  'clientcafile',
  'clientcapath',
  'clientcastore',
  'requestcafile',
  'requestcapath',
  'requestcastore',
  'chaincafile',
  'chaincapath',
  'chaincastore',
  'recordpadding',
  'numtickets',
  'dhparameters',
  'serverinfofile',
]);

/** nginx applies the commands last, so they override; here what they mean for the making of the context comes first. */
export function planConfCommands(options: ContextOptions, commands: readonly ConfCommand[]): void {
  for (const { name, value } of commands) EARLY.get(name.toLowerCase())?.(options, value);
}

/**
 * @returns the leaf certificates that they have loaded, DER
 * @throws ConfError for the first command that is unknown, refused, or beyond Node.js
 */
export function applyConfCommands(
  native: NativeSecureContext,
  commands: readonly ConfCommand[],
  files: TlsFiles,
): Buffer[] {
  return commands.flatMap((command) => {
    const load = FILES.get(command.name.toLowerCase());
    if (load === undefined) {
      applyCommand(native, command);
      return [];
    }
    return loadFile(native, { name: command.name, value: fullName(files, command.value) }, files, load);
  });
}

function loadFile(
  native: NativeSecureContext,
  { name, value }: ConfCommand,
  files: TlsFiles,
  load: (native: NativeSecureContext, path: ByteString, files: TlsFiles) => Buffer[],
): Buffer[] {
  try {
    return load(native, value, files);
  } catch (error) {
    if (!(error instanceof LoadFailure)) throw error;
    throw new ConfError(`SSL_CONF_cmd("${name}", "${value}") failed (SSL: ${error.message} ${badValue(name, value)})`);
  }
}

const badValue = (name: ByteString, value: ByteString): string =>
  `error:0A000180:SSL routines::bad value:cmd=${name}, value=${value}`;

function applyCommand(native: NativeSecureContext, { name, value }: ConfCommand): void {
  const failed = `SSL_CONF_cmd("${name}", "${value}") failed`;
  const key = name.toLowerCase();
  const early = EARLY.get(key);
  const late = LATE.get(key);
  if (early === undefined && late === undefined && !UNSUPPORTED.has(key)) {
    throw new ConfError(`${failed} (SSL: error:0A000182:SSL routines::unknown cmd name:cmd=${name})`);
  }
  let verdict: Verdict = 'unsupported';
  let queue = '';
  try {
    if (early !== undefined) verdict = early({ bits: 0, minVersion: 'TLSv1', maxVersion: 'TLSv1.3' }, value);
    if (late !== undefined) verdict = late(native, value);
  } catch (error) {
    verdict = 'bad-value';
    queue = opensslText(error) ?? '';
  }
  if (verdict === 'ok') return;
  if (verdict === 'unsupported') throw new ConfError(`${failed} (Postern does not support this)`);
  throw new ConfError(`${failed} (SSL: ${queue}${queue === '' ? '' : ' '}${badValue(name, value)})`);
}

/** An empty list would leave the old one in place; this name makes OpenSSL find no cipher. */
const NO_CIPHER = '-ALL';

function setCipherList(native: NativeSecureContext, value: string): Verdict {
  native.setCiphers(value === '' ? NO_CIPHER : value);
  return 'ok';
}

function setSuites(native: NativeSecureContext, value: string): Verdict {
  native.setCipherSuites(value);
  return 'ok';
}

function setGroupList(native: NativeSecureContext, value: string): Verdict {
  if (value === '') return 'bad-value';
  setGroups(native, value);
  return 'ok';
}

function setSignatureList(native: NativeSecureContext, value: string): Verdict {
  native.setSigalgs(value);
  return 'ok';
}

/** Accepted, and of no effect on TLS. */
const DATAGRAM_VERSIONS: ReadonlySet<string> = new Set(['DTLSv1', 'DTLSv1.2']);

const VERSIONS: ReadonlyMap<string, SecureVersion | undefined> = new Map([
  ['None', undefined],
  ['SSLv3', undefined],
  ['TLSv1', 'TLSv1'],
  ['TLSv1.1', 'TLSv1.1'],
  ['TLSv1.2', 'TLSv1.2'],
  ['TLSv1.3', 'TLSv1.3'],
]);

function setMinVersion(options: ContextOptions, value: string): Verdict {
  if (DATAGRAM_VERSIONS.has(value)) return 'ok';
  if (!VERSIONS.has(value)) return 'bad-value';
  options.minVersion = VERSIONS.get(value) ?? 'TLSv1';
  return 'ok';
}

function setMaxVersion(options: ContextOptions, value: string): Verdict {
  if (DATAGRAM_VERSIONS.has(value)) return 'ok';
  if (!VERSIONS.has(value)) return 'bad-value';
  options.maxVersion = VERSIONS.get(value) ?? 'TLSv1.3';
  return 'ok';
}

function setProtocol(options: ContextOptions, word: string, on: boolean): Verdict {
  const entry = Object.entries(NO_PROTOCOL).find(([name]) => name.toLowerCase() === word);
  const bits = word === 'all' ? ALL_PROTOCOLS : word === 'dtlsv1' || word === 'dtlsv1.2' ? 0 : entry?.[1];
  if (bits === undefined) return 'bad-value';
  options.bits = on ? options.bits & ~bits : options.bits | bits;
  return 'ok';
}

/** Words of the Options command and their bit. With the second field the word is on where the bit is off. */
const OPTIONS: ReadonlyMap<string, readonly [bit: number, inverse: boolean]> = new Map([
  ['sessionticket', [Op.noTicket, true]],
  ['emptyfragments', [Op.noEmptyFragments, true]],
  ['serverpreference', [Op.serverPreference, false]],
  ['noresumptiononrenegotiation', [Op.noResumptionOnRenegotiation, false]],
  ['unsafelegacyrenegotiation', [Op.unsafeLegacyRenegotiation, false]],
  ['unsafelegacyserverconnect', [Op.legacyServerConnect, false]],
  ['encryptthenmac', [Op.noEncryptThenMac, true]],
  ['allownodhekex', [Op.allowNoDheKex, false]],
  ['prioritizechacha', [Op.prioritizeChaCha, false]],
  ['antireplay', [Op.noAntiReplay, true]],
  ['extendedmastersecret', [Op.noExtendedMasterSecret, true]],
  ['canames', [Op.disableCaNames, true]],
  // Of no effect here: a set of workarounds without one that still matters, single use keys (always), compression
  // (not in the library), renegotiation (refused whatever is set), the kernel's TLS (Node.js has its own buffers).
  ['bugs', [0, false]],
  ['dhsingle', [0, false]],
  ['ecdhsingle', [0, false]],
  ['compression', [0, false]],
  ['norenegotiation', [0, false]],
  ['ktls', [0, false]],
  ['middleboxcompat', [0, false]],
]);

function setOption(options: ContextOptions, word: string, on: boolean): Verdict {
  const option = OPTIONS.get(word);
  if (option === undefined) return 'bad-value';
  // It is on from the start, and Node.js takes no bit away.
  if (word === 'middleboxcompat' && !on) return 'unsupported';
  const [bit, inverse] = option;
  options.bits = on === inverse ? options.bits & ~bit : options.bits | bit;
  return 'ok';
}

/** A list of words with an optional sign, separated by commas; `set` gets them in lower case. */
function eachWord(value: string, set: (word: string, on: boolean) => Verdict): Verdict {
  for (const item of value.split(',')) {
    const [, sign, word = ''] = /^\s*([+-]?)(.*?)\s*$/.exec(item) ?? [];
    const verdict = set(word.toLowerCase(), sign !== '-');
    if (verdict !== 'ok') return verdict;
  }
  return 'ok';
}
