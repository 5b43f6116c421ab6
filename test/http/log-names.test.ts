// Access logs whose names are made of variables: a file for each request.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';

const start = (scope: Scope, server: string): Promise<MailServer> =>
  startServer(scope, {
    config: `http {
      log_format short '$uri';
      server { listen @web@; root @DIR@; ${server} location / { return 204; } }
    }`,
    allow: /open\(\) .* while logging request/,
  });

const logOf = (server: MailServer, name: string): LogFile => new LogFile(join(server.dir, name));

async function get(server: MailServer, uri: string): Promise<void> {
  const wire = await server.connect('web');
  await wire.send(`GET ${uri} HTTP/1.0\r\n\r\n`);
  await wire.rest();
  wire.destroy();
}

test('a name made of variables is a file for each request, in the folder that is fixed', async (t) => {
  const server = await start(
    t,
    `access_log @DIR@/by-$arg_name.log short;
     location /folder { access_log @DIR@/$arg_name/x.log short; return 204; }
     location /no-root { root @DIR@/none; access_log @DIR@/none-$arg_name.log short; return 204; }`,
  );
  await get(server, '/1?name=a');
  await get(server, '/2?name=b');
  await get(server, '/3?name=a');
  await logOf(server, 'by-a.log').wait(/3\n/);
  assert.equal(logOf(server, 'by-a.log').text(), '/1\n/3\n');
  assert.equal(logOf(server, 'by-b.log').text(), '/2\n');
  await get(server, '/folder?name=missing');
  await server.waitLog(
    /open\(\) "\S+\/missing\/x\.log" failed \(2: No such file or directory\) while logging request, client: /,
  );
  await get(server, '/no-root?name=c');
  await server.waitLog(/\[error\] .*testing "\S+\/none" existence failed \(2: .*\) while logging request, client: /);
  assert.equal(existsSync(join(server.dir, 'none-c.log')), false);
});

test('what a client sends does not lead to a file elsewhere', async (t) => {
  const server = await start(t, 'access_log @DIR@/logs/$arg_name short;');
  mkdirSync(join(server.dir, 'logs'));
  for (const name of ['../escaped', 'a/../../escaped', '/../escaped']) {
    await get(server, `/?name=${name}`);
    const record = `access_log "${server.dir}/logs/${name}" is outside of "${server.dir}/logs/" while logging request`;
    await server.waitLog(new RegExp(`\\[error\\] .*${record.replace(/[.]/g, '\\.')}`));
  }
  await get(server, '/inside?name=inside');
  await logOf(server, 'logs/inside').wait(/inside\n/);
  assert.equal(existsSync(join(server.dir, 'escaped')), false);
});

test('a named pipe that nobody reads costs the line, and not the worker', async (t) => {
  const server = await start(t, 'access_log @DIR@/$arg_name short;');
  execFileSync('mkfifo', [join(server.dir, 'pipe')]);
  await get(server, '/?name=pipe');
  await server.waitLog(/\[crit\] .*open\(\) "\S+\/pipe" failed \(6: No such device or address\) while logging request/);
  await get(server, '/after?name=after');
  await logOf(server, 'after').wait(/after\n/);
});
