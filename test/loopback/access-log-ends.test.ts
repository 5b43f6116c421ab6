// The access log of mail: what stands there of sessions that end in every way, in text and in JSON.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { printable } from '../../src/core/log.ts';
import { SESSION_ENDS } from '../../src/mail/session/end.ts';
import { saslPlain } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type AuthAnswer, accept, refuse, startAuth } from '../support/fake-auth.ts';
import { type BackendScript, dialogue, imapBackend, silence, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { postern } from '../support/target.ts';
import type { Wire } from '../support/wire.ts';

const { cert, key } = serverCertificate;

const FIELDS = 'port event end status user attempts closed_by upstreams'.split(' ');
const VARIABLES =
  'server_port-$realip_remote_port mail_event mail_end status mail_user mail_login_attempts mail_closed_by upstream_addr'.split(
    ' ',
  );

const TEXT = VARIABLES.map((name) => `$${name}`).join('|');
const JSON_LINE = `{${VARIABLES.map((name, i) => `"${FIELDS[i]}":"$${name}"`).join(',')}}`;

const CONFIG = (auth: string, dead: string): string => `mail {
  auth_http ${auth};
  ssl_certificate ${cert}; ssl_certificate_key ${key};
  log_format text escape=none '${TEXT}';
  log_format json escape=json '${JSON_LINE}';
  access_log @DIR@/text.log text;
  access_log @DIR@/json.log json;
  access_log_event session auth;
  upstream away { server @HOST@:1 down; server @HOST@:2 down; }
  server { listen @imap@; protocol imap; starttls on; max_commands 4; imap_client_buffer 128; }
  server { listen @tame@; protocol imap; }
  server { listen @quick@; protocol imap; timeout 200ms; }
  server { listen @idle@; protocol imap; proxy_timeout 200ms; }
  server { listen @dead@; protocol imap; auth_http ${dead}; }
  server { listen @secure@; protocol imap; proxy_ssl on; }
  server { listen @bound@; protocol imap; proxy_bind 192.0.2.1; }
  server {
    listen @keyless@; protocol imap; proxy_ssl on;
    proxy_ssl_certificate @DIR@/$mail_user.pem; proxy_ssl_certificate_key @DIR@/$mail_user.key;
  }
  server { listen @pop3@; protocol pop3; pop3_auth plain; }
  server { listen @away@; protocol imap; auth_http off; proxy_pass away; }
  server { listen @direct@; protocol imap; auth_http off; proxy_pass ${dead.slice('http://'.length)}; }
  server { listen @tls@ ssl; protocol imap; }
  server { listen @cert@ ssl; protocol imap; ssl_verify_client on; ssl_client_certificate ${cert}; }
  server { listen @denied@; protocol imap; deny all; }
  server { listen @proxied@ proxy_protocol; protocol imap; }
  server { listen @websocket@ websocket; protocol imap; }
  server { listen @smtp@; protocol smtp; smtp_greeting_delay 10s; }
}`;

interface Case {
  readonly name: string;
  readonly port?: string;
  /** Who logs in decides what happens. */
  readonly run: (wire: Wire, asked: Promise<void>) => Promise<void>;
  /** Left out: both. Streams that are not read do not notice a reset. */
  readonly transport?: 'handle';
  /** Of each login: how it ended, and its status. */
  readonly logins?: readonly string[];
  readonly end: string;
  readonly closedBy?: 'client' | 'backend';
}

const GREETING = '* OK IMAP4 ready\r\n';
const INTERNAL = '* BAD internal server error\r\n';

async function login(wire: Wire, user: string): Promise<void> {
  await wire.expectBytes(GREETING);
  await wire.send(`a LOGIN ${user} secret\r\n`);
}

async function loggedIn(wire: Wire, user: string): Promise<void> {
  await login(wire, user);
  await wire.expectLine('a OK logged in\r\n');
}

const fails =
  (user: string, line: string | RegExp = INTERNAL) =>
  async (wire: Wire): Promise<void> => {
    await login(wire, user);
    await wire.expectLine(line);
    await wire.closed();
  };

/** Without a greeting. */
const says =
  (text: string) =>
  async (wire: Wire): Promise<void> => {
    await wire.send(text);
    await wire.closed();
  };

const CASES: readonly Case[] = [
  {
    name: 'a client logs in, and leaves',
    run: async (wire) => {
      await loggedIn(wire, 'ok');
      wire.end();
      await wire.closed();
    },
    logins: ['ok 200'],
    end: 'ok 200',
    closedBy: 'client',
  },
  {
    name: 'a client logs in and out, so that its backend closes',
    run: async (wire) => {
      await loggedIn(wire, 'ok');
      await wire.send('b LOGOUT\r\n');
      await wire.closed();
    },
    logins: ['ok 200'],
    end: 'ok 200',
    closedBy: 'backend',
  },
  {
    name: 'a relayed client breaks off',
    run: async (wire) => {
      await loggedIn(wire, 'ok');
      wire.reset();
    },
    logins: ['ok 200'],
    end: 'client_lost 200',
    closedBy: 'client',
  },
  {
    name: 'a relayed backend breaks off',
    run: async (wire) => {
      await loggedIn(wire, 'breaks');
      await wire.send('b NOOP\r\n');
      await wire.closed();
    },
    logins: ['ok 200'],
    end: 'backend_lost 502',
    closedBy: 'backend',
  },
  {
    name: 'nobody says anything in the relay',
    port: 'idle',
    run: async (wire) => {
      await loggedIn(wire, 'ok');
      await wire.closed();
    },
    logins: ['ok 200'],
    end: 'idle 200',
  },
  { name: 'the login is refused', run: fails('refused', 'a NO no\r\n'), logins: ['refused 403'], end: 'refused 403' },
  {
    name: 'a login is refused after a wait, and the next one at once',
    run: async (wire) => {
      await login(wire, 'waits');
      await wire.expectLine('a NO not yet\r\n');
      await wire.send('b LOGIN refused secret\r\n');
      await wire.expectLine('b NO no\r\n');
      await wire.closed();
    },
    logins: ['refused 403', 'refused 403'],
    end: 'refused 403',
  },
  {
    name: 'a client leaves when it was refused',
    run: async (wire) => {
      await login(wire, 'waits');
      await wire.expectLine('a NO not yet\r\n');
      wire.end();
      await wire.closed();
    },
    logins: ['refused 403'],
    end: 'refused 403',
  },
  {
    name: 'a client leaves during its login',
    transport: 'handle',
    run: async (wire, asked) => {
      await login(wire, 'silent-auth');
      await asked;
      wire.reset();
    },
    logins: ['client_closed 400'],
    end: 'client_closed 400',
  },
  {
    name: 'a client leaves before its login',
    run: async (wire) => {
      await wire.expectBytes(GREETING);
      wire.end();
      await wire.closed();
    },
    end: 'client_closed 400',
  },
  { name: 'a client logs out before its login', run: says('a LOGOUT\r\n'), end: 'quit 200' },
  { name: 'a client does not log in in time', port: 'quick', run: says(''), end: 'timeout 400' },
  {
    name: 'the auth server is down',
    port: 'dead',
    run: fails('ok'),
    logins: ['auth_down 500'],
    end: 'auth_down 500',
  },
  {
    name: 'the answer of the auth server is none',
    run: fails('nonsense'),
    logins: ['auth_invalid 500'],
    end: 'auth_invalid 500',
  },
  {
    name: 'the auth server names no backend',
    run: fails('nowhere'),
    logins: ['auth_invalid 500'],
    end: 'auth_invalid 500',
  },
  { name: 'the backend is down', run: fails('down'), logins: ['backend_down 502'], end: 'backend_down 502' },
  {
    name: 'the backend closes during the login',
    run: fails('closes'),
    logins: ['backend_down 502'],
    end: 'backend_down 502',
  },
  { name: 'the backend refuses', run: fails('no'), logins: ['backend_refused 502'], end: 'backend_refused 502' },
  {
    name: 'the backend hangs',
    port: 'quick',
    run: fails('hangs'),
    logins: ['backend_timeout 502'],
    end: 'backend_timeout 502',
  },
  {
    name: 'the backend says more than fits',
    run: fails('long'),
    logins: ['backend_invalid 502'],
    end: 'backend_invalid 502',
  },
  {
    name: 'the backend has no TLS',
    port: 'secure',
    run: fails('ok'),
    logins: ['backend_tls_failed 502'],
    end: 'backend_tls_failed 502',
  },
  {
    name: 'a login that cannot be said to the backend',
    port: 'pop3',
    run: says(`AUTH PLAIN ${saslPlain('odd\r\nname', 'x')}\r\n`),
    logins: ['unsendable 500'],
    end: 'unsendable 500',
  },
  {
    name: 'an address that is not ours',
    port: 'bound',
    run: fails('ok'),
    logins: ['bind_failed 500'],
    end: 'bind_failed 500',
  },
  {
    name: 'no certificate for the backend',
    port: 'keyless',
    run: fails('ok'),
    logins: ['no_certificate 500'],
    end: 'no_certificate 500',
  },
  { name: 'no backend is in use', port: 'away', run: fails('x'), logins: ['no_backend 502'], end: 'no_backend 502' },
  {
    name: 'the only backend is down',
    port: 'direct',
    run: fails('x'),
    logins: ['backend_down 502'],
    end: 'backend_down 502',
  },
  { name: 'the handshake fails', port: 'tls', run: says('a NOOP\r\n'), end: 'tls_failed 500' },
  {
    name: 'the handshake of STARTTLS fails',
    run: async (wire) => {
      await wire.expectBytes(GREETING);
      await wire.send('a STARTTLS\r\n');
      await wire.expectLine('a OK completed\r\n');
      await wire.send('nonsense\r\n');
      await wire.closed();
    },
    end: 'tls_failed 500',
  },
  {
    name: 'a client has no certificate',
    port: 'cert',
    run: async (wire) => {
      await wire.startTls();
      await wire.closed();
    },
    end: 'certificate_refused 400',
  },
  { name: 'a browser', run: says('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), end: 'http 400' },
  {
    name: 'too many lines that are no command',
    run: says('a X\r\n'.repeat(5)),
    end: 'too_many_errors 400',
    port: 'tame',
  },
  { name: 'too many commands', run: says('a NOOP\r\n'.repeat(6)), end: 'too_many_commands 400' },
  {
    name: 'a line behind which nothing can come: a literal that does not wait to be asked for',
    run: says('a X {5+}\r\n'),
    end: 'invalid_command 400',
  },
  { name: 'too long a command', run: says(`a LOGIN "${'x'.repeat(200)}`), end: 'command_too_long 400' },
  {
    name: 'a client that may not come in',
    port: 'denied',
    run: async (wire) => {
      await wire.closed();
    },
    end: 'denied 403',
  },
  { name: 'a PROXY header that is none', port: 'proxied', run: says('a NOOP\r\n'), end: 'bad_proxy_header 400' },
  {
    name: 'a request for another thing than a WebSocket',
    port: 'websocket',
    run: says('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    end: 'websocket_refused 400',
  },
  { name: 'a client that talks first', port: 'smtp', run: says('EHLO x\r\n'), end: 'early_talker 400' },
];

/** Logs in a user in a way that ends as its name says. */
const breaks: BackendScript = async (peer) => {
  await peer.line();
  peer.reset();
};
const literals = ['* OK\r\n', '+ OK\r\n', '+ OK\r\n'];
const SCRIPTS: Readonly<Record<string, BackendScript>> = {
  ok: imapBackend,
  breaks: dialogue([...literals, '$TAG OK logged in\r\n'], breaks),
  closes: async () => {},
  no: dialogue([...literals, '$TAG NO never\r\n'], silence),
  hangs: silence,
  long: async (peer) => {
    await peer.send(`* OK ${'x'.repeat(10_000)}`);
    await peer.closed();
  },
};

for (const transport of ['handle', 'net']) {
  describe(`${transport}: the lines of a session`, { concurrency: 8 }, () => {
    const cleanup = new Cleanup();
    let server: MailServer;
    let tellAsked = (): void => {};
    /** The auth server will not answer. */
    const asked = new Promise<void>((resolve) => {
      tellAsked = resolve;
    });
    const logOf = (name: string): LogFile => new LogFile(join(server.dir, name));

    before(async () => {
      const host = ownAddress();
      const dead = await freePort(host);
      const answers = new Map<string, string | AuthAnswer>([
        ['refused', refuse('no')],
        ['waits', refuse('not yet', 'Auth-Wait: 1')],
        ['nonsense', 'nonsense\x01'],
        ['nowhere', 'HTTP/1.0 200 OK\r\nAuth-Status: OK\r\n\r\n'],
        ['down', accept({ host, port: dead })],
        ['silent-auth', { bytes: '' }],
      ]);
      for (const [user, script] of Object.entries(SCRIPTS)) {
        answers.set(user, accept(await startBackend(cleanup, script)));
      }
      const auth = await startAuth(cleanup, (request) => {
        const user = request.header('Auth-User') ?? '';
        if (user.startsWith('odd')) return answers.get('ok') ?? '';
        if (user === 'silent-auth') tellAsked();
        return answers.get(user) ?? refuse('?');
      });
      server = await startServer(cleanup, {
        target: { ...postern, globals: `daemon off; master_process off; transport ${transport};` },
        allow: /192\.0\.2\.1|\/ok\.pem/,
        config: CONFIG(auth.url, `http://${host}:${dead}`),
      });
    });
    after(() => cleanup.run());

    /** The lines about a client, once that of its session is there, as fields. */
    async function linesOf(port: string): Promise<string[][]> {
      await logOf('text.log').wait(new RegExp(`^${port}\\|session\\|.*\\n`, 'm'));
      await logOf('json.log').wait(new RegExp(`^\\{"port":"${port}","event":"session",.*\\n`, 'm'));
      const mine = (name: string, begin: string): string[] =>
        logOf(name)
          .text()
          .split('\n')
          .filter((line) => line.startsWith(begin));
      const text = mine('text.log', `${port}|`).map((line) => line.split('|'));
      const json = mine('json.log', `{"port":"${port}"`).map((line) => {
        const parsed: Record<string, string> = JSON.parse(line);
        return FIELDS.map((name) => printable(parsed[name] ?? 'missing'));
      });
      assert.deepEqual(json, text);
      return text;
    }

    for (const { name, port = 'imap', run, logins = [], end, closedBy = '', ...only } of CASES) {
      if (only.transport !== undefined && only.transport !== transport) continue;
      test(name, async () => {
        const wire = await server.connect(port);
        // To another port of the server another client may come from the same port, or one that asked whether it listens.
        const ports = `${server.at(port).port}-${wire.localPort}`;
        await run(wire, asked);
        const lines = await linesOf(ports);
        wire.destroy();
        const shown = lines.map(([, event, why, status]) => `${event} ${why} ${status}`);
        assert.deepEqual(shown, [...logins.map((login_) => `auth ${login_}`), `session ${end}`]);
        const [, , , , , attempts, by] = lines.at(-1) ?? [];
        assert.equal(attempts, String(logins.length));
        assert.equal(by, closedBy);
      });
    }
  });
}

/** What we do by ourselves: `access-log-ends-ours.test.ts`. */
const OURS = ['limit', 'stopped', 'kicked', 'fault'];

test('each word for an end is that of a session here', () => {
  const words = CASES.map(({ end }) => end.split(' ')[0] ?? '');
  assert.deepEqual([...new Set([...words, ...OURS])].sort(), Object.keys(SESSION_ENDS).sort());
});
