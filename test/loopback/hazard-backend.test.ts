// Hazard: a backend that never comes to an end, in clear, before STARTTLS and behind it, and what it may cost.
import assert from 'node:assert/strict';
import type { BackendScript } from '../support/fake-backend.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import { INTERNAL, login } from '../support/mail-spec/login-lines.ts';
import type { Protocol } from '../support/mail-spec/transport.ts';
import { BACKEND_TLS, UPGRADES } from '../support/secure-backend.ts';
import type { Wire } from '../support/wire.ts';

const CONF = 'proxy_smtp_auth on; proxy_pass_error_message on;';

const BLOCKS = {
  imap: { protocol: 'imap', conf: CONF },
  pop3: { protocol: 'pop3', conf: CONF },
  smtp: { protocol: 'smtp', conf: CONF },
  'imap-starttls': { protocol: 'imap', conf: `${CONF} proxy_ssl starttls;` },
  'pop3-starttls': { protocol: 'pop3', conf: `${CONF} proxy_ssl starttls;` },
  'smtp-starttls': { protocol: 'smtp', conf: `${CONF} proxy_ssl starttls;` },
} as const;

/** Lines that are never the last one of a reply. */
const LINE: Readonly<Record<Protocol, string>> = {
  imap: '* CAPABILITY IMAP4rev1 STARTTLS\r\n',
  pop3: '+OK list follows\r\nSTLS\r\n',
  smtp: '250-STARTTLS\r\n',
};
const GREETING: Readonly<Record<Protocol, string>> = {
  imap: '* OK hi\r\n',
  pop3: '+OK hi\r\n',
  smtp: '220 hi\r\n',
};

/** Much more than a reply may be, or the system takes at once. */
async function flood(peer: Wire, text: string): Promise<void> {
  const piece = text.repeat(Math.ceil(65_536 / text.length));
  for (let i = 0; i < 200; i++) await peer.send(piece);
}

const inClear = async (peer: Wire, protocol: Protocol): Promise<void> => {
  const { greeting, clear } = UPGRADES[protocol];
  await peer.send(greeting);
  for (const [, reply] of clear) {
    await peer.line();
    await peer.send(reply);
  }
  await peer.acceptTls(BACKEND_TLS);
};

/** The log has the beginning of it, as much as a reply may have, and the client nothing. */
function endless(name: string, block: keyof typeof BLOCKS, backend: BackendScript): LoggedCase {
  const { protocol } = BLOCKS[block];
  return {
    name: `${block}: ${name}`,
    block,
    backend,
    lines: (user) => login(protocol, user, INTERNAL[protocol], '--'),
    next: async (_wire, stage) => {
      for (const peer of stage.backend.peers) await peer.closed();
    },
    normal: (record) => {
      // What stands behind the reply is cut off, as nginx does.
      assert.ok(record.length < 2048);
      return record.replace(/(too long response line: ").*/s, '$1…');
    },
    records: () => ['[error] upstream sent too long response line: "…'],
  };
}

const cases = (['imap', 'pop3', 'smtp'] as const).flatMap((protocol): readonly LoggedCase[] => {
  const starttls = `${protocol}-starttls` as const;
  return [
    ...[protocol, starttls].map((block) => endless('a greeting without end', block, (peer) => flood(peer, 'x'))),
    endless('a greeting of NULs', protocol, (peer) => flood(peer, '\0')),
    endless('capabilities without end, in clear', starttls, async (peer) => {
      await peer.send(GREETING[protocol]);
      await peer.line();
      await flood(peer, LINE[protocol]);
    }),
    endless('a line without end over TLS', starttls, async (peer) => {
      await inClear(peer, protocol);
      await peer.line();
      await flood(peer, '* \0');
    }),
  ];
});

loggedSpec('a hostile backend', { blocks: BLOCKS }, cases);
