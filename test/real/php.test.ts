// A mail login whose auth service is a PHP script behind php-fpm, in the same nginx.conf; and what else PHP does.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { endsWithAll, masterTarget } from '../support/master.ts';
import { phpFpm, startPhpFpm } from '../support/php-fpm.ts';
import { missing } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';

/** As Debian's nginx brings it. */
const PARAMETERS = '/etc/nginx/fastcgi_params';
const skip = missing(
  [],
  phpFpm() === undefined ? 'php-fpm is not installed' : undefined,
  existsSync(PARAMETERS) ? undefined : `${PARAMETERS} is not there`,
);

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const SCRIPTS = {
  'auth.php': `<?php
$users = ['anna@example.net' => 'pass word%'];
$user = rawurldecode($_SERVER['HTTP_AUTH_USER'] ?? '');
$pass = rawurldecode($_SERVER['HTTP_AUTH_PASS'] ?? '');
if (($users[$user] ?? null) !== $pass) {
  header('Auth-Status: Invalid login or password for ' . $user);
  header('Auth-Wait: 1');
  exit;
}
header('Auth-Status: OK');
header('Auth-Server: ' . $_SERVER['BACKEND_HOST']);
header('Auth-Port: ' . $_SERVER['BACKEND_PORT']);
header('X-Asked: ' . $_SERVER['HTTP_AUTH_METHOD'] . ' ' . $_SERVER['HTTP_AUTH_PROTOCOL'] . ' ' . $_SERVER['HTTP_X_AUTH_KEY']);
`,
  'post.php': `<?php
header('Content-Type: text/plain');
header('X-Underscore: ' . ($_SERVER['HTTP_WITH_UNDERSCORE'] ?? 'none'));
echo $_SERVER['REQUEST_METHOD'], ' ', $_SERVER['QUERY_STRING'], ' ', $_POST['name'] ?? '', ' ',
  strlen(file_get_contents('php://input')), ' ', md5(file_get_contents('php://input'));
`,
  'warn.php': "<?php trigger_error('be careful', E_USER_WARNING); echo 'done';\n",
  'status.php': "<?php http_response_code(404); header('Location: /x', true, 303); echo 'moved';\n",
  'fatal.php': '<?php nothing();\n',
  'large.php': "<?php for ($i = 0; $i < 200; $i++) echo str_repeat('x', 50000);\n",
} as const;

async function start(scope: Scope, workers: number): Promise<MailServer> {
  const php = await startPhpFpm(scope, SCRIPTS);
  const backend = await startBackend(scope, imapBackend);
  const config = `worker_processes ${workers};
mail {
  auth_http @http@/auth;
  auth_http_header X-Auth-Key letmein;
  server { listen @imap@; protocol imap; }
}
http {
  access_log off;
  server {
    listen @http@;
    root ${php.root};
    location = /auth {
      include fastcgi_params;
      fastcgi_param SCRIPT_FILENAME ${php.root}/auth.php;
      fastcgi_param BACKEND_HOST ${backend.host};
      fastcgi_param BACKEND_PORT ${backend.port};
      fastcgi_pass ${php.at};
    }
    location ~ \\.php$ {
      include fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass ${php.at};
    }
  }
}`;
  const files = { fastcgi_params: readFileSync(PARAMETERS) };
  const server = await startServer(scope, { target: masterTarget(), config, files });
  endsWithAll(scope, server);
  chmodSync(server.dir, 0o755); // workers may be somebody else, and keep large bodies there
  return server;
}

async function login(server: MailServer, password: string): Promise<string> {
  const wire = await server.connect('imap');
  await wire.line();
  await wire.send(`a LOGIN anna@example.net "${password}"\r\n`);
  const line = await wire.line();
  wire.destroy();
  return line.trimEnd();
}

for (const workers of [1, 2]) {
  describe(`PHP, ${workers} worker(s)`, { skip }, () => {
    test('a mail login asks a script of the same configuration', async (t) => {
      const server = await start(t, workers);
      const answers = await Promise.all([
        ...Array.from({ length: 6 }, () => login(server, 'pass word%')),
        login(server, 'wrong'),
      ]);
      assert.deepEqual(answers, [
        ...Array.from({ length: 6 }, () => 'a OK logged in'),
        'a NO Invalid login or password for anna@example.net',
      ]);
      const headers = ['Auth-User: anna%40example.net', 'Auth-Pass: pass%20word%25', 'Auth-Method: plain'];
      const got = await ask(server, 'http', {
        target: '/auth',
        headers: [...headers, 'Auth-Protocol: imap', 'X-Auth-Key: k'],
      });
      assert.ok(got !== 'nothing');
      assert.equal(got.status, 200);
      assert.ok(got.fields.includes('Auth-Status: OK') && got.fields.includes('X-Asked: plain imap k'));
    });

    test('bodies, header lines, statuses, and output of any length', async (t) => {
      const server = await start(t, workers);
      const post = async (body: string, ...lines: readonly string[]): Promise<string> => {
        const headers = [...lines, `Content-Length: ${body.length}`, '', body];
        const got = await ask(server, 'http', { target: '/post.php?a=1', method: 'POST', headers });
        assert.ok(got !== 'nothing');
        const shown = got.fields.find((line) => line.startsWith('X-Underscore'));
        return `${shown} ${/(POST .*)/.exec(got.body)?.[1]}`;
      };
      const form = 'Content-Type: application/x-www-form-urlencoded';
      assert.equal(
        await post('name=x+y', form, 'With_Underscore: 1'),
        `X-Underscore: none POST a=1 x y 8 ${md5('name=x+y')}`,
      );
      assert.equal(
        await post('x'.repeat(900_000), 'With-Underscore: 2'),
        `X-Underscore: 2 POST a=1  900000 ${md5('x'.repeat(900_000))}`,
      );
      const moved = await ask(server, 'http', { target: '/status.php' });
      assert.ok(moved !== 'nothing' && moved.status === 303 && moved.fields.includes('Location: /x'));
      const large = await ask(server, 'http', { target: '/large.php' });
      assert.ok(large !== 'nothing' && large.body.split('x').length - 1 === 10_000_000);
    });

    test('what scripts complain about stands in the log', async (t) => {
      const server = await start(t, workers);
      const status = async (target: string): Promise<number> => {
        const got = await ask(server, 'http', { target });
        return got === 'nothing' ? 0 : got.status;
      };
      assert.equal(await status('/warn.php'), 200);
      await server.waitLog(
        /\[error\] .* FastCGI sent in stderr: "PHP message: PHP Warning: {2}be careful in \S+\/warn\.php on line 1" while reading response header from upstream, client: .* upstream: "fastcgi:\/\/unix:\S+\/fpm\.sock:", host: "localhost"/,
      );
      assert.equal(await status('/missing.php'), 404);
      await server.waitLog(
        /FastCGI sent in stderr: "Primary script unknown" while reading response header from upstream/,
      );
      assert.equal(await status('/fatal.php'), 500);
      await server.waitLog(/PHP Fatal error: {2}Uncaught Error: Call to undefined function nothing\(\)/);
    });
  });
}
