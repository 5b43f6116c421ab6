// A question to a group of auth servers: what stays of it in memory, and what the servers are left with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthRound } from '../../../../src/mail/auth-http/round.ts';
import { type AuthScript, startAuth } from '../../../support/fake-auth.ts';
import { inTime } from '../../../support/in-time.ts';
import { TRANSPORTS } from '../../../support/transports.ts';
import { authServerOf, bytes, isZero, serverFrom, stage } from '../doubles.ts';

const REQUEST = 'GET / HTTP/1.0\r\nAuth-Pass: secret\r\n\r\n';
const hung: AuthScript = () => new Promise(() => {});
const garbage: AuthScript = () => ({ bytes: '220 hello\r\n', ending: 'close' });
const good: AuthScript = () => 'HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Pass: other\r\n\r\n';

for (const transport of TRANSPORTS) {
  const prepare = async (t: Parameters<typeof startAuth>[0], scripts: readonly AuthScript[]) => {
    const auths = [];
    for (const script of scripts) auths.push(await startAuth(t, script));
    const servers = auths.map(({ host, port }) => `server ${host}:${port};`).join(' ');
    const server = serverFrom(
      `upstream auths { ${servers} } auth_http http://auths; auth_http_next_upstream invalid_response;
      server { listen 127.0.0.1:143; protocol imap; }`,
    );
    const { group } = authServerOf(server);
    assert.ok(group !== undefined);
    const on = stage({ transport });
    on.session.action = 'in http auth state';
    return { auths, server, group, on, request: bytes(REQUEST) };
  };

  test(`the question is overwritten when it is answered (${transport.name})`, async (t) => {
    const { auths, server, group, on, request } = await prepare(t, [garbage, good]);
    const answer = await inTime(
      new Promise<string>((resolve) => {
        const done: ConstructorParameters<typeof AuthRound>[5] = (reply, by) => resolve(`${reply?.pass} ${by}`);
        new AuthRound(on.session, group, undefined, request, server, done).start();
      }),
      'the answer',
    );
    assert.equal(answer, `other ${auths[1]?.host}:${auths[1]?.port}`);
    assert.equal(auths[1]?.requests[0]?.raw.toString(), REQUEST);
    assert.ok(isZero(request));
    assert.equal(on.session.action, 'in http auth state');
    assert.deepEqual(
      group.servers.peers.map(({ conns }) => conns),
      [0, 0],
    );
  });

  test(`and when nobody waits for the answer any more (${transport.name})`, async (t) => {
    const { auths, server, group, on, request } = await prepare(t, [hung]);
    const round = new AuthRound(on.session, group, undefined, request, server, () => assert.fail('it was cancelled'));
    round.start();
    await auths[0]?.request(0);
    assert.equal(group.servers.peers[0]?.conns, 1);
    round.cancel();
    assert.ok(isZero(request));
    assert.equal(group.servers.peers[0]?.conns, 0);
    assert.equal(group.servers.peers[0]?.health.fails, 0);
  });
}
