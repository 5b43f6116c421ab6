// The error log of TLS handshakes: whatever a client does there is told at info, never louder.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { serverCertificate } from '../support/certificate.ts';
import { event } from '../support/in-time.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const SHAKING = 'while SSL handshaking';
const HELLO = Buffer.from('16030100', 'hex');

const failed = (text: string, doing = SHAKING): string => `[info] SSL_do_handshake() failed (SSL: ${text}) ${doing}`;

/** Which fault OpenSSL finds first in nonsense is its own affair. */
const anyFault = (record: string): string => record.replace(/\(SSL: error:.*?\)/, '(SSL: error)');

/** Sends bytes to a TLS port and awaits the close. */
function noise(name: string, bytes: Buffer | string, text: string): LoggedCase {
  return {
    name,
    block: 'imap',
    silent: true,
    next: async (wire) => {
      await wire.send(bytes);
      await wire.closed();
    },
    records: (log) => [log.bare(failed(text))],
    ...(text === 'error' && { normal: anyFault }),
  };
}

/** A handshake that comes to nothing. */
function handshake(name: string, options: ConnectionOptions, text: string): LoggedCase {
  return {
    name,
    block: 'imap',
    silent: true,
    next: async (wire) => {
      await wire.startTls(options).catch(() => undefined);
      wire.destroy();
    },
    records: (log) => [log.bare(failed(text))],
  };
}

const STARTTLS: readonly Line[] = ['C: STARTTLS', 'S: 220 2.0.0 Start TLS'];

const cases: readonly LoggedCase[] = [
  noise('clear text', 'a NOOP\r\n', 'error:0A00010B:SSL routines::wrong version number'),
  noise('HTTP', 'GET / HTTP/1.1\r\n\r\n', 'error:0A00009C:SSL routines::http request'),
  noise('a ClientHello of nonsense', Buffer.concat([HELLO, Buffer.from('050100000100', 'hex')]), 'error'),
  noise('a record that is too long', Buffer.concat([Buffer.from('160301ffff', 'hex'), Buffer.alloc(100)]), 'error'),
  noise('an alert', Buffer.from('15030100020228', 'hex'), 'error'),
  handshake(
    'the protocol name of somebody else',
    { ALPNProtocols: ['http/1.1', 'pop3'] },
    'error:0A0000EB:SSL routines::no application protocol',
  ),
  handshake(
    'a version that is too old',
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
    'error:0A000102:SSL routines::unsupported protocol',
  ),
  handshake(
    'no common cipher',
    { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
    'error:0A0000C1:SSL routines::no shared cipher',
  ),
  {
    name: 'a renegotiation, which is refused',
    block: 'imap',
    silent: true,
    next: async (wire) => {
      const socket = await wire.startTls({ maxVersion: 'TLSv1.2' });
      await wire.expectLine('* OK IMAP4 ready\r\n');
      const failed = event(socket, 'error');
      socket.renegotiate({ rejectUnauthorized: false }, () => undefined);
      const [error]: NodeJS.ErrnoException[] = await failed;
      assert.equal(error?.code, 'ERR_SSL_NO_RENEGOTIATION');
      await wire.closed();
    },
    records: (log) => [log.bare('[info] SSL_read() failed (SSL: error) while in auth state')],
    normal: anyFault,
  },
  {
    name: 'a client that closes in the handshake',
    block: 'imap',
    silent: true,
    next: async (wire) => {
      await wire.send(HELLO);
      wire.end();
      await wire.closed();
    },
    records: (log) => [log.bare(`[info] peer closed connection in SSL handshake ${SHAKING}`)],
  },
  {
    name: 'a client that is silent in the handshake is closed without a word',
    block: 'imap-fast',
    silent: true,
    lines: () => ['--'],
    records: () => [],
  },
  {
    name: 'clear text behind STARTTLS',
    block: 'smtp',
    lines: () => [...STARTTLS, 'C: NOOP'],
    next: async (wire) => {
      await wire.closed();
    },
    records: (log) => [
      log
        .bare(failed('error:0A00010B:SSL routines::wrong version number', 'while in starttls state'))
        .replace('127.0.0.1,', '127.0.0.1 using starttls,'),
    ],
  },
  {
    name: 'a client that closes behind STARTTLS',
    block: 'smtp',
    lines: () => STARTTLS,
    next: async (wire) => {
      wire.end();
      await wire.closed();
    },
    records: (log) => [
      log
        .bare('[info] peer closed connection in SSL handshake while in starttls state')
        .replace('127.0.0.1,', '127.0.0.1 using starttls,'),
    ],
  },
  {
    name: 'a session over TLS and its command that is none',
    block: 'imap',
    silent: true,
    next: async (wire) => {
      await wire.startTls({ ALPNProtocols: ['imap'] });
      await wire.expectLine('* OK IMAP4 ready\r\n');
      await wire.send('a AUTHENTICATE PLAIN !\r\n');
      await wire.expectLine('a BAD invalid command\r\n');
    },
    records: (log) => [
      log.bare('[info] client sent invalid base64 encoding in AUTH PLAIN command while in auth state'),
    ],
  },
];

const CERTS = dirname(serverCertificate.cert);
const identity = (name: string): ConnectionOptions => ({
  cert: readFileSync(join(CERTS, `${name}.pem`)),
  key: readFileSync(join(CERTS, `${name}.key`)),
});

/** A client with this certificate, or none, and what the server says to it. */
function certified(name: string, options: ConnectionOptions, reply: string, ...texts: readonly string[]): LoggedCase {
  return {
    name: `a client ${name}`,
    block: 'verify',
    silent: true,
    next: async (wire) => {
      await wire.startTls(options);
      await wire.expectLine(reply);
      if (texts.length > 0) await wire.closed();
    },
    records: (log) => texts.map((text) => log.bare(`[info] ${text} ${SHAKING}`)),
  };
}

const WRONG = '* BYE SSL certificate error\r\n';
const verify = (code: number, text: string): string => `client SSL certificate verify error: (${code}:${text})`;

const certificates: readonly LoggedCase[] = [
  certified('with a good certificate', identity('client'), '* OK IMAP4 ready\r\n'),
  certified(
    'without a certificate',
    {},
    '* BYE No required SSL certificate\r\n',
    'client sent no required SSL certificate',
  ),
  certified('that signed for itself', identity('client-self'), WRONG, verify(18, 'self-signed certificate')),
  certified('whose certificate has expired', identity('client-expired'), WRONG, verify(10, 'certificate has expired')),
];

loggedSpec(
  'TLS handshakes',
  {
    conf: `ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};`,
    blocks: {
      imap: { protocol: 'imap', listen: '@imap@ ssl' },
      'imap-fast': { protocol: 'imap', listen: '@imap-fast@ ssl', conf: 'timeout 150ms;' },
      smtp: { protocol: 'smtp', conf: 'starttls on;' },
      verify: {
        protocol: 'imap',
        listen: '@verify@ ssl',
        conf: `ssl_verify_client on; ssl_client_certificate ${join(CERTS, 'ca.pem')};`,
      },
    },
  },
  [...cases, ...certificates],
);
