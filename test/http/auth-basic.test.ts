// auth_basic of a running server: users and passwords, the file that has them, and clients that mean no good.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { base64 } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { ask, type HttpAnswer } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';

const PAGE = 'add_header User "[$remote_user]" always; try_files /page.html =404;';

const CONFIG = `http {
  access_log off;
  root @DIR@;
  log_format user "$remote_user $status";
  map $arg_file $file { outside /etc/passwd; default $arg_file; }
  server {
    listen @web@;
    location / { auth_basic "Mail of $arg_who"; auth_basic_user_file users; ${PAGE} }
    location /open { access_log users.log user; return 200 "[$remote_user]"; }
    location /logged { access_log users.log user; auth_basic r; auth_basic_user_file users; ${PAGE} }
    location /off { auth_basic $arg_realm; auth_basic_user_file users; ${PAGE} }
    location /no-file { auth_basic r; ${PAGE} }
    location /missing { auth_basic r; auth_basic_user_file missing; ${PAGE} }
    location /folder { auth_basic r; auth_basic_user_file folder; ${PAGE} }
    location /below-a-file { auth_basic r; auth_basic_user_file users/x; ${PAGE} }
    location /null { auth_basic r; auth_basic_user_file /dev/null; ${PAGE} }
    location /endless { auth_basic r; auth_basic_user_file /dev/zero; ${PAGE} }
    location /changing { auth_basic r; auth_basic_user_file changing; ${PAGE} }
    location /by-name { auth_basic r; auth_basic_user_file folder/$arg_file; ${PAGE} }
    location /by-map { auth_basic r; auth_basic_user_file $file; ${PAGE} }
    location /delayed { auth_delay 10ms; auth_basic r; auth_basic_user_file users; ${PAGE} }
    location /delayed-for-long { auth_delay 1h; auth_basic r; auth_basic_user_file users; ${PAGE} }
    location /page { auth_basic r; auth_basic_user_file users; error_page 401 /login; ${PAGE} }
    location /login { return 200 login; }
  }
}`;

const USERS = [
  '# users',
  'plain:{PLAIN}secret',
  'plain:{PLAIN}second',
  'sha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
  'ssha:{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0',
  'apr1:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0:with a comment',
  'md5:$1$saltsalt$9xy1btjgzLYfb7hivXtC//\r',
  'sha256:$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6',
  'sha512:$6$salt$egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00',
  'bcrypt:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a',
  'des:abNANd1rDfiNc',
  'costly:$2y$15$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a',
  'yescrypt:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0',
  'latin\xe9:{PLAIN}\xe9',
  `comment:{PLAIN}x:${'c'.repeat(100_000)}`,
  'last:{PLAIN}x',
].join('\n');

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, {
    config: CONFIG,
    files: { 'page.html': 'page', users: Buffer.from(USERS, 'latin1') },
    // Files of users that cannot be read are crit, and a client calls itself so.
    allow: /pread\(\)|Not a directory|forged/,
  });
  mkdirSync(join(server.dir, 'folder'));
  writeFileSync(join(server.dir, 'folder/own'), 'a:{PLAIN}x\n');
});

/** @param credentials USER:PASSWORD, or a whole line @returns the answer, and what was logged meanwhile */
async function request(target: string, credentials?: string): Promise<HttpAnswer & { readonly log: string }> {
  const seen = server.log.text().length;
  const line = credentials?.startsWith('Authorization:')
    ? credentials
    : `Authorization: Basic ${base64(credentials ?? '')}`;
  const answer = await ask(server, 'web', { target, headers: credentials === undefined ? [] : [line] });
  assert.ok(answer !== 'nothing');
  return { ...answer, log: server.log.text().slice(seen) };
}

const statusOf = async (target: string, credentials?: string): Promise<number> =>
  (await request(target, credentials)).status;

test('without a password: 401, the realm, and a line at info', async () => {
  const { status, fields, body, log } = await request('/?who=$all');
  assert.equal(status, 401);
  assert.ok(fields.includes('WWW-Authenticate: Basic realm="Mail of $all"'), fields.join('\n'));
  assert.match(body, /<h1>401 Authorization Required<\/h1>/);
  assert.match(log, /\[info\] \S+ \*\d+ no user\/password was provided for basic authentication, client: /);
});

test('every kind of hash', async () => {
  for (const user of ['plain', 'ssha', 'apr1', 'md5', 'sha256', 'sha512', 'bcrypt', 'des']) {
    const { status, fields } = await request('/', `${user}:secret`);
    assert.equal(status, 200, user);
    assert.ok(fields.includes(`User: [${user}]`));
    const { status: refused, log } = await request('/', `${user}:Secret`);
    assert.equal(refused, 401, user);
    assert.ok(log.includes(`user "${user}": password mismatch, client: `), log);
  }
  assert.equal(await statusOf('/', 'sha:password'), 200);
  assert.equal(await statusOf('/', 'latin\xe9:\xe9'), 200);
});

test('a kind of hash that is not known fits no password, and a warning says so', async () => {
  const { status, log } = await request('/', 'yescrypt:secret');
  assert.equal(status, 401);
  assert.match(log, /\[warn\] .*user "yescrypt": unknown kind of hash/);
  assert.match(log, /\[error\] .*user "yescrypt": password mismatch/);
});

test('the first line of a user counts, and a file may end without a newline', async () => {
  assert.equal(await statusOf('/', 'plain:second'), 401);
  assert.equal(await statusOf('/', 'comment:x'), 200);
  assert.equal(await statusOf('/', 'last:x'), 200);
});

test('unknown users', async () => {
  const { status, log } = await request('/', 'nobody:x');
  assert.equal(status, 401);
  assert.ok(log.includes(`user "nobody" was not found in "${server.dir}/users", client: `), log);
});

test('off, and neither realm nor file', async () => {
  assert.equal(await statusOf('/off?realm=off'), 200);
  assert.equal(await statusOf('/off?realm=on'), 401);
  assert.equal(await statusOf('/no-file'), 200);
});

test('files that cannot be read', async () => {
  for (const [target, status, text] of [
    ['/missing', 403, '[error] PID: *N open() "DIR/missing" failed (2: No such file or directory)'],
    ['/folder', 500, '[crit] PID: *N pread() "DIR/folder" failed (21: Is a directory)'],
    ['/below-a-file', 500, '[crit] PID: *N open() "DIR/users/x" failed (20: Not a directory)'],
    ['/null', 401, '[error] PID: *N user "a" was not found in "/dev/null"'],
    ['/endless', 500, '[crit] PID: *N pread() "/dev/zero" failed (27: File too large)'],
  ] as const) {
    const { status: got, log } = await request(target, 'a:x');
    assert.equal(got, status, target);
    const record = log.replaceAll(server.dir, 'DIR').replace(/\d+#\d+: \*\d+/, 'PID: *N');
    assert.ok(record.includes(`${text}, client: `), record);
  }
});

test('the file is read at each request', async () => {
  const path = join(server.dir, 'changing');
  assert.equal(await statusOf('/changing', 'a:one'), 403);
  writeFileSync(path, 'a:{PLAIN}one');
  assert.equal(await statusOf('/changing', 'a:one'), 200);
  writeFileSync(`${path}.new`, 'a:{PLAIN}two\n');
  renameSync(`${path}.new`, path);
  assert.equal(await statusOf('/changing', 'a:one'), 401);
  assert.equal(await statusOf('/changing', 'a:two'), 200);
  writeFileSync(path, '');
  assert.equal(await statusOf('/changing', 'a:two'), 401);
});

test('a file that is replaced again and again: each request sees one of them as a whole', async () => {
  const path = join(server.dir, 'changing');
  const fill = `${'f'.repeat(70)}:{PLAIN}x\n`.repeat(1000);
  const replace = (password: string): void => {
    writeFileSync(`${path}.new`, `${fill}a:{PLAIN}${password}\n`);
    renameSync(`${path}.new`, path);
  };
  replace('one');
  const asked = Array.from({ length: 20 }, async (_, i) => {
    const [one, two] = await Promise.all([statusOf('/changing', 'a:one'), statusOf('/changing', 'a:two')]);
    replace(i % 2 === 0 ? 'two' : 'one');
    return [one, two];
  });
  for (const statuses of await Promise.all(asked)) {
    for (const status of statuses) assert.ok([200, 401].includes(status), String(status));
  }
});

test('a name with variables stays in its folder', async () => {
  assert.equal(await statusOf('/by-name?file=own', 'a:x'), 200);
  const { status, log } = await request('/by-name?file=../users', 'plain:secret');
  assert.equal(status, 403);
  assert.match(log, /auth_basic_user_file "\S*folder\/\.\.\/users" is outside of "\S*folder\/"/);
  assert.equal(await statusOf('/by-map?file=users', 'plain:secret'), 200);
});

test('$remote_user is known without auth_basic too, and is in the log', async () => {
  assert.equal((await request('/open', 'somebody:x')).body, '[somebody]');
  assert.equal((await request('/open', 'Authorization: Bearer somebody')).body, '[]');
  await request('/logged', 'plain:wrong');
  await request('/logged');
  const log = await new LogFile(join(server.dir, 'users.log')).wait(/^(.*\n){4}/);
  assert.deepEqual(log[0].split('\n'), ['somebody 200', '- 200', 'plain 401', '- 401', '']);
});

test('auth_delay: 401 comes later, 200 at once', async () => {
  const { status, log } = await request('/delayed', 'plain:wrong');
  assert.equal(status, 401);
  assert.ok(log.includes('delaying unauthorized request, client: '), log);
  assert.equal(await statusOf('/delayed-for-long', 'plain:secret'), 200);
});

test('a client that leaves during auth_delay leaves nothing behind', async () => {
  const wire = await server.connect('web');
  await wire.send('GET /delayed-for-long HTTP/1.1\r\nHost: x\r\n\r\n');
  await server.waitLog(/delaying unauthorized request.*delayed-for-long/);
  wire.reset();
  assert.equal(await statusOf('/', 'plain:secret'), 200);
});

test('error_page of 401: the challenge stays', async () => {
  const { status, fields, body } = await request('/page');
  assert.deepEqual([status, body], [401, 'login']);
  assert.ok(fields.includes('WWW-Authenticate: Basic realm="r"'));
});

test('what a client writes into user and realm forges neither log nor head', async () => {
  const user = await request('/', 'a\r\n2000/01/01 [crit] forged:x');
  assert.equal(user.status, 401);
  assert.ok(user.log.includes('user "a\\x0D\\x0A2000/01/01 [crit] forged" was not found'), user.log);
  assert.deepEqual(
    user.fields.filter((line) => line.startsWith('User:')),
    ['User: [a2000/01/01 [crit] forged]'],
  );
  assert.equal(await statusOf('/', `${'u'.repeat(5000)}:x`), 401);
  assert.equal(await statusOf('/', `plain:${'p'.repeat(5000)}`), 401);
  assert.equal(await statusOf('/', `sha512:${'p'.repeat(5000)}`), 401);
  assert.equal(await statusOf('/', 'pla\0in:secret'), 401);
});

test('costly hashes hold up nobody, not even others of their kind', async () => {
  const wires = await Promise.all(Array.from({ length: 12 }, () => server.connect('web')));
  const head = `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${base64('costly:x')}\r\n\r\n`;
  for (const wire of wires) await wire.send(head);
  for (let i = 0; i < 5; i++) assert.equal(await statusOf('/', 'plain:secret'), 200);
  for (const [i, wire] of wires.entries()) wire[i % 2 === 0 ? 'reset' : 'end']();
  // Four of them are begun at a time: with one left over this one would never have its turn.
  assert.equal(await statusOf('/', 'bcrypt:secret'), 200);
});
