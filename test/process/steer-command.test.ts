// postern top, sessions, kick, drain and undrain: they find the api, print what is there, and touch only what is meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../support/api-client.ts';
import { type Ran, run } from '../support/children.ts';
import { Cleanup } from '../support/cleanup.ts';
import { postern } from '../support/target.ts';
import { named, type Site, startSite } from '../support/upstream-site.ts';

const SOCKET_SERVER = `http {
  access_log off;
  server { listen @web@; location /read { api; } }
  server { listen unix:@DIR@/api.sock; location /steer { api write=on; } }
}`;

async function start(t: Parameters<typeof startSite>[0]): Promise<Site> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  return await startSite(scope, {
    main: SOCKET_SERVER,
    backends: [named('a'), named('b')],
    mail: 'upstream all { zone all 64k; server #0; server #1; }',
    server: 'proxy_pass all;',
  });
}

const command = (...args: readonly string[]): Promise<Ran> => run(postern.command, [...postern.args, ...args]);

/** With the configuration of the site. */
async function steer(site: Site, word: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(word, '-c', `${site.server.dir}/nginx.conf`, ...args);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  return stdout;
}

test('sessions are listed and ended, and nothing of a name reaches the terminal but what is visible', async (t) => {
  const site = await start(t);
  const hostile = Buffer.from('\x1b[2J\x9b31m\x07\u202eme').toString('latin1');
  const { wire: bad } = await site.login(hostile);
  const { wire: good } = await site.login('good+1');
  const text = await steer(site, 'sessions');
  const lines = text.split('\n');
  assert.match(lines[0] ?? '', /^ID +PROTOCOL +SERVER_ZONE +CLIENT +USER +STATE +BACKEND +TLS +SINCE +IDLE$/);
  assert.ok(lines[1]?.includes(' \\u{1b}[2J\\u{9b}31m\\u{7}\\u{202e}me '), lines[1]);
  assert.match(lines[2] ?? '', / good\+1 +relay /);
  assert.match(lines[2] ?? '', / \d+s$/);
  assert.match(text, /^[\x20-\x7e\n]+$/);
  assert.equal(await steer(site, 'sessions', '--idle', '1d'), lines[0]?.replace(/ {2,}/g, '  ').concat('\n'));
  const json = await steer(site, 'sessions', '--json', '--user=good+1');
  assert.match(json, /^[\x20-\x7e\n]+$/);
  const [session, ...others] = Object.values(JSON.parse(json));
  assert.equal(others.length, 0);
  assert.equal(at(session, 'user'), 'good+1');

  assert.equal(await steer(site, 'kick', String(at(session, 'id'))), 'ended: 1\n');
  await good.closed();
  await bad.send('NOOP\r\n');
  await bad.expectLine('+OK NOOP\r\n');
  assert.deepEqual(JSON.parse(await steer(site, 'kick', '--all', '--json')), { ended: 1 });
  await bad.closed();
  const none = await command('kick', '-c', `${site.server.dir}/nginx.conf`, '--user', 'nobody');
  assert.deepEqual([none.code, none.stdout, none.stderr], [1, '', 'postern: no such session\n']);
});

test('a server is drained, and taken back; top prints once without a terminal', async (t) => {
  const site = await start(t);
  const first = `${site.backends[0]?.host}:${site.backends[0]?.port}`;
  assert.equal(await steer(site, 'drain', 'all', first), `${first}: draining\n`);
  for (let i = 0; i < 4; i++) assert.equal(await site.visit(`u${i}`), '+OK b');
  assert.match(await steer(site, 'top'), new RegExp(`\\nall +${first} +draining `));
  await steer(site, 'undrain', 'all', first);
  const replies = [await site.visit('x'), await site.visit('y')];
  assert.deepEqual(replies.sort(), ['+OK a', '+OK b']);
  const top: unknown = JSON.parse(
    await steer(site, 'top', '--json', '--api', `unix:${site.server.dir}/api.sock:/steer`),
  );
  assert.equal(at(top, 'sessions', 'count'), 0);
  const unknown = await command('drain', '-c', `${site.server.dir}/nginx.conf`, 'all', '127.0.0.1:1');
  assert.deepEqual([unknown.code, unknown.stderr], [1, 'postern: no server "127.0.0.1:1" in "all"\n']);
});

test('a user is held, and let go', async (t) => {
  const site = await start(t);
  const user = 'anna+\u00e4/\u202e';
  const { wire } = await site.login(Buffer.from(user).toString('latin1'));
  const held = await steer(site, 'hold', user, '--time', '1h', '--end-sessions');
  assert.match(
    Buffer.from(held, 'latin1').toString(),
    /^anna\+\u00e4\/\\u\{202e\}: held until \d{4}-\d\d-\d\dT[\d:.]+Z\nended: 1\n$/,
  );
  await wire.closed();
  const login = site.login(Buffer.from(user).toString('latin1'));
  const sessions = async (): Promise<unknown> => JSON.parse(await steer(site, 'sessions', '--state', 'held', '--json'));
  while (Object.values(Object(await sessions())).length !== 1);
  const wrong = await command('hold', 'x', '--time', '2h', '-c', `${site.server.dir}/nginx.conf`);
  assert.deepEqual([wrong.code, wrong.stderr], [3, 'postern: the api says: 400 invalid "time"\n']);
  assert.deepEqual(JSON.parse(await steer(site, 'release', user, '--json')), { released: 1 });
  assert.match((await login).reply, /^\+OK /);
  const none = await command('release', '-c', `${site.server.dir}/nginx.conf`, user);
  assert.deepEqual([none.code, none.stderr], [1, 'postern: the api says: 404 user is not held\n']);
});

test('what is asked wrongly, and an api that is not there', async (t) => {
  const site = await start(t);
  const { host, port } = site.server.at('web');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['kick'], 2, /^postern: kick takes an id, filters, or --all\n$/],
    [['kick', '1-1', '--all'], 2, /^postern: kick takes an id, filters, or --all\n$/],
    [['drain', 'all'], 2, /^postern: usage: postern drain GROUP SERVER\n$/],
    [['top', '--user', 'x'], 2, /^postern: top takes no filter\n$/],
    [['hold'], 2, /^postern: usage: postern hold USER /],
    [['release', 'x', '--time', '1s'], 2, /^postern: release takes neither --time nor --end-sessions\n$/],
    [['hold', 'x', '--user', 'x'], 2, /^postern: hold takes no filter\n$/],
    [['sessions', '--colour'], 2, /^postern: invalid option: "--colour"\n$/],
    [['sessions', '--api'], 2, /^postern: option "--api" requires a value\n$/],
    [['sessions', '--api', 'ftp://x/'], 2, /^postern: invalid --api "ftp:\/\/x\/"\n$/],
    [['sessions', '-c', '/nowhere/nginx.conf'], 3, /^postern: \/nowhere\/nginx\.conf cannot be read /],
    [['sessions', '--api', `unix:${site.server.dir}/no.sock`], 3, /^postern: the api cannot be reached: /],
    [['kick', '--all', '--api', `http://${host}:${port}/read`], 3, /^postern: the api says: 405 method disabled\n$/],
    [['sessions', '--api', `http://${host}:${port}/other`], 3, /^postern: the api says: status 404\n$/],
    [['sessions', '--api', `http://${host}:${port}/read`, '--state', 'asleep'], 3, /invalid argument "state"\n$/],
  ];
  for (const [args, code, complaint] of cases) {
    const ran = await command(...args);
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.stderr}`);
    assert.match(ran.stderr, complaint);
    assert.equal(ran.stdout, '');
  }
});

test('an id that is a path leads nowhere else, and the path of a location may need escapes', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const site = await startSite(scope, {
    main: 'http { access_log off; server { listen unix:@DIR@/api.sock; location "/the api%" { api write=on; } } }',
    backends: [named('a'), named('b')],
    mail: 'upstream all { zone all 64k; server #0; server #1; }',
    server: 'proxy_pass all;',
  });
  const conf = `${site.server.dir}/nginx.conf`;
  for (const id of ['../upstreams/all/servers/0', '../../9/mail/upstreams/all/servers/0', '1-1/..', '']) {
    const { code, stdout, stderr } = await command('kick', '-c', conf, id);
    assert.deepEqual([code, stdout, stderr], [1, '', 'postern: no such session\n'], id);
  }
  assert.match(
    await steer(site, 'top'),
    new RegExp(`\\nall +${site.backends[0]?.host}:${site.backends[0]?.port} +up `),
  );
});
