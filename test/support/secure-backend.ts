// Backends over TLS: from the first byte, or by STARTTLS, behind a PROXY header where one comes.
import type { TlsOptions } from 'node:tls';
import type { BackendScript } from './fake-backend.ts';
import type { Protocol } from './mail-spec/transport.ts';
import { pem } from './tls.ts';
import type { Wire } from './wire.ts';

export const BACKEND_TLS: TlsOptions = { cert: pem('server-ec.pem'), key: pem('server-ec.key') };

const V1 = 'PROXY ';
const V2 = '\r\n\r\n\0\r\nQUIT\n';

/** A PROXY header, if one comes, stays in what the backend has received. */
async function readHeader(peer: Wire): Promise<void> {
  const [first = ''] = await peer.match(/^./s);
  peer.putBack(first);
  if (first === V1[0]) await peer.line();
  else if (first === V2[0]) {
    const head = await peer.bytes(V2.length + 4);
    await peer.bytes(head.readUInt16BE(V2.length + 2));
  }
}

export function overTls(script: BackendScript, options: TlsOptions = BACKEND_TLS): BackendScript {
  return async (peer, index) => {
    await readHeader(peer);
    await peer.acceptTls(options);
    await script(peer, index);
  };
}

interface Upgrade {
  readonly greeting: string;
  /** Lines of the client, and what is answered to each. The last one is STARTTLS. */
  readonly clear: readonly (readonly [RegExp, string])[];
  /** The same behind the handshake. */
  readonly secure: readonly (readonly [RegExp, string])[];
}

export const UPGRADES: Readonly<Record<Protocol, Upgrade>> = {
  imap: {
    greeting: '* OK in clear\r\n',
    clear: [
      [/^S1 CAPABILITY\r\n$/, '* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nS1 OK\r\n'],
      [/^S2 STARTTLS\r\n$/, 'S2 OK go\r\n'],
    ],
    secure: [[/^S3 CAPABILITY\r\n$/, '* CAPABILITY IMAP4rev1 SASL-IR\r\nS3 OK\r\n']],
  },
  pop3: {
    greeting: '+OK in clear\r\n',
    clear: [
      [/^CAPA\r\n$/, '+OK\r\nSTLS\r\n.\r\n'],
      [/^STLS\r\n$/, '+OK go\r\n'],
    ],
    secure: [[/^CAPA\r\n$/, '+OK\r\nUSER\r\n.\r\n']],
  },
  smtp: {
    greeting: '220 in clear\r\n',
    clear: [
      [/^EHLO mx\.example\.org\r\n$/, '250-hi\r\n250-STARTTLS\r\n250 HELP\r\n'],
      [/^STARTTLS\r\n$/, '220 go\r\n'],
    ],
    secure: [],
  },
};

async function answer(peer: Wire, steps: Upgrade['clear']): Promise<void> {
  for (const [line, reply] of steps) {
    const got = await peer.expectLine(line);
    peer.forget(got.length);
    await peer.send(reply);
  }
}

/** The script begins with its greeting, which nobody gets; what was said before is not in what was received. */
export function overStarttls(protocol: Protocol, script: BackendScript): BackendScript {
  const { greeting, clear, secure } = UPGRADES[protocol];
  return async (peer, index) => {
    await peer.send(greeting);
    await readHeader(peer);
    await answer(peer, clear);
    await peer.acceptTls(BACKEND_TLS);
    await answer(peer, secure);
    peer.skipSend();
    await script(peer, index);
  };
}
