// Certificate, key and parameter files: reading them, and OpenSSL's words where that fails.
import { type ByteString, ConfError, type SystemFault } from '../../conf/directive.ts';
import { errnoText } from '../../core/errno.ts';

/** The part of the configuration's Environment that is needed here. */
export interface TlsFiles {
  readonly confPrefix: ByteString;
  readFile(path: ByteString): Buffer | SystemFault;
}

export interface PemFile {
  /** The full path, or `data:…`, for messages. */
  readonly name: ByteString;
  readonly pem: Buffer;
}

/** Relative names are taken from the directory of the main configuration file. */
export function fullName(files: Pick<TlsFiles, 'confPrefix'>, name: ByteString): ByteString {
  return name.startsWith('/') ? name : files.confPrefix + name;
}

/**
 * Reads a file, or takes the text of a `data:` value.
 * @param message makes the front of the message of a failure, up to before ` (SSL: …)`.
 * @throws ConfError
 */
export function readPem(files: TlsFiles, name: ByteString, message: (name: ByteString) => ByteString): PemFile {
  if (name.startsWith(DATA))
    return {
      name: shownData(name),
      pem: Buffer.from(name.slice(DATA.length), 'latin1'),
    };
  const path = fullName(files, name);
  const content = files.readFile(path);
  if (Buffer.isBuffer(content)) return { name: path, pem: content };
  // A folder can be opened; it is only when its first line is read that it turns out to be empty.
  if (content.errno === EISDIR) return { name: path, pem: Buffer.alloc(0) };
  throw new ConfError(`${message(path)} (SSL: ${openFailure(path, content)})`);
}

const DATA = 'data:';
const ENOENT = 2;
const EISDIR = 21;

/** What BIO_new_file leaves in the error queue. */
function openFailure(path: ByteString, fault: SystemFault): ByteString {
  const code = (0x80000000 + fault.errno).toString(16).toUpperCase();
  const system = `error:${code}:system library::${errnoText(fault.errno)}:calling fopen(${path}, r)`;
  const bio = fault.errno === ENOENT ? '10000080:BIO routines::no such file' : '10080002:BIO routines::system lib';
  return `${system} error:${bio}`;
}

/** A key stays out of the message. */
function shownData(name: ByteString): ByteString {
  return name.includes('PRIVATE KEY') ? `${DATA}...` : name;
}

/**
 * The blocks of a PEM text with one of the labels, each from its BEGIN line up to the next block: one that has no
 * END line is there too, for OpenSSL to refuse.
 */
export function pemBlocks(pem: Buffer, labels: readonly string[]): Buffer[] {
  const blocks: Buffer[] = [];
  const text = pem.toString('latin1');
  const starts = [...text.matchAll(/^-----BEGIN ([^\n-]+)-----/gm)];
  for (const [i, start] of starts.entries()) {
    if (labels.includes(start[1] ?? '')) blocks.push(pem.subarray(start.index, starts[i + 1]?.index ?? pem.length));
  }
  return blocks;
}
