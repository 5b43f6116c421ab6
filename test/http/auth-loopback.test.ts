// An auth service of the same configuration: asked in memory, it sees, says and logs what it does over a socket.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AuthSiteOptions, type Seen, same } from '../support/auth-site.ts';
import { freePort } from '../support/ports.ts';
import { pem } from '../support/tls.ts';

interface Case extends AuthSiteOptions {
  readonly name: string;
  /** Users who log in, each in a session of its own; default: one. */
  readonly users?: readonly string[];
  /** In what is seen there is each of these. */
  readonly shows: readonly (string | RegExp)[];
}

const INTERNAL = '* BAD internal server error';
const LETS_IN = 'a OK logged in';

const CASES: readonly Case[] = [
  { name: 'it lets in', http: '@ok@ return 204;', shows: [LETS_IN, '|GET /auth HTTP/1.0|204|', 'client logged in'] },
  {
    name: 'it refuses',
    http: `add_header Auth-Status "No, $http_auth_user"; return 200;`,
    users: ['jo', 'anna'],
    shows: ['a NO No, jo', 'a NO No, anna', 'client login failed: "No, jo" while in http auth state'],
  },
  {
    name: 'with a body that nobody reads',
    http: `@ok@ return 200 "${'x'.repeat(3000)}";`,
    shows: [LETS_IN, '|200|'],
  },
  { name: 'it fails', http: 'return 500;', shows: [INTERNAL, '|500|', 'did not send server or port'] },
  { name: 'it redirects', http: 'return 302 http://elsewhere/;', shows: [INTERNAL, '|302|'] },
  { name: 'it closes', http: 'return 444;', shows: [INTERNAL, '|444|'] },
  { name: 'it denies', http: 'deny all;', shows: [INTERNAL, '|403|', 'access forbidden by rule, client: 127.0.0.1'] },
  { name: 'there is no such file', http: 'root @DIR@;', shows: ['|404|', 'No such file or directory'] },
  {
    name: 'the head of its answer is too large',
    http: `add_header X ${'x'.repeat(1100)}; @ok@ return 204;`,
    shows: [INTERNAL, '|204|'],
  },
  {
    name: 'the head of the request is too large',
    mail: `auth_http_header X ${'x'.repeat(3000)};`,
    http: 'client_header_buffer_size 1k; large_client_header_buffers 1 1k; @ok@ return 204;',
    shows: [INTERNAL, '|400|', 'client sent too large request while reading client request headers'],
  },
  {
    name: 'the head of the request has many pieces',
    mail: Array.from({ length: 12 }, (_, i) => `auth_http_header X-${i} ${'x'.repeat(1000)};`).join('\n'),
    http: 'large_client_header_buffers 20 8k; @ok@ return 204;',
    shows: [LETS_IN, '|204|'],
  },
  {
    name: 'realip names the client',
    http: `set_real_ip_from 127.0.0.0/8; real_ip_header Client-IP; @ok@ return 204;`,
    shows: [LETS_IN, /\|127\.0\.0\.1\|\d+\|1\|GET/],
  },
  {
    name: 'in HTTP/1.1',
    mail: 'auth_http_version 1.1;',
    http: '@ok@ return 204;',
    users: ['jo', 'anna'],
    shows: [LETS_IN, '|1|GET /auth HTTP/1.1|204|', '|anna|close|'],
  },
  {
    name: 'kept alive',
    mail: 'auth_http_version 1.1; auth_http_keepalive 4;',
    http: '@ok@ return 200 "a body";',
    users: ['jo', 'anna', 'eve'],
    shows: [LETS_IN, '|3|GET /auth HTTP/1.1|200|'],
  },
  {
    name: 'kept alive, and closed by the server after two requests',
    mail: 'auth_http_version 1.1; auth_http_keepalive 4;',
    http: 'keepalive_requests 2; @ok@ return 204;',
    users: ['jo', 'anna', 'eve'],
    shows: [LETS_IN, '|2|GET /auth HTTP/1.1|204|', '|1|GET /auth HTTP/1.1|204|'],
  },
  {
    name: 'on a socket of the file system',
    at: 'unix:@DIR@/auth.sock',
    listens: true,
    http: 'listen unix:@DIR@/auth.sock; @ok@ return 204;',
    shows: [LETS_IN, /^unix:\|/],
  },
  {
    name: 'with the PROXY protocol, which nobody speaks',
    listens: true,
    http: 'listen @auth@ proxy_protocol; @ok@ return 204;',
    shows: [INTERNAL, 'broken header: "GET /auth HTTP/1.0'],
  },
  {
    name: 'over TLS, which nobody speaks',
    listens: true,
    http: 'listen @auth@ ssl; ssl_certificate rsa.pem; ssl_certificate_key rsa.key; @ok@ return 204;',
    files: { 'rsa.pem': pem('server-rsa.pem'), 'rsa.key': pem('server-rsa.key') },
    shows: [INTERNAL, '|400|', 'client sent plain HTTP request to HTTPS port'],
  },
  {
    name: 'by the name of the server',
    mail: 'auth_http_header Host mail.example;',
    http: `return 500; } server { listen @auth@; server_name mail.example; @ok@ return 204;`,
    shows: ['client sent duplicate host header'],
  },
  {
    name: 'of two places among worker_connections there is one',
    main: 'events { worker_connections 4; }',
    http: '@ok@ return 204;',
    allow: /worker_connections are not enough/,
    shows: [INTERNAL, '4 worker_connections are not enough'],
  },
];

function assertShows({ told, errors, accesses }: Seen, shows: Case['shows']): void {
  const all = [...told.map(String), ...errors, ...accesses];
  for (const text of shows) {
    const isThere = (line: string): boolean => (typeof text === 'string' ? line.includes(text) : text.test(line));
    assert.ok(all.some(isThere), `nothing shows ${text}:\n${all.join('\n')}`);
  }
}

describe('the same by a socket and in memory', { concurrency: 2 }, () => {
  for (const { name, users = ['jo'], shows, ...options } of CASES) {
    test(name, async () => {
      const seen = await same(options, async (site) => {
        const answers: string[] = [];
        for (const user of users) {
          const wire = await site.open();
          answers.push(await site.login(wire, 'a', user));
          await site.leave(wire, answers.at(-1));
        }
        return answers;
      });
      assertShows(seen, shows);
    });
  }

  test('asked again in the same session', async () => {
    const http = `location /auth {
      if ($http_auth_user = jo) { add_header Auth-Status No; add_header Auth-Wait 1; return 200; }
      @ok@ return 204;
    }`;
    const seen = await same({ http }, async (site) => {
      const wire = await site.open();
      const answers = [await site.login(wire), await site.login(wire, 'b', 'anna')];
      await site.leave(wire, answers.at(-1));
      return answers;
    });
    assertShows(seen, ['a NO No', 'b OK logged in']);
  });

  test('on all addresses', async () => {
    const options = async (): Promise<AuthSiteOptions> => {
      const port = await freePort('0.0.0.0');
      return { at: `127.0.0.1:${port}`, listens: true, http: `listen ${port}; @ok@ return 204;`, hides: [`${port}`] };
    };
    const seen = await same(options, async (site) => {
      const wire = await site.open();
      const answer = await site.login(wire);
      await site.leave(wire, answer);
      return [answer];
    });
    assertShows(seen, [LETS_IN, '|127.0.0.1|HIDDEN|']);
  });
});
