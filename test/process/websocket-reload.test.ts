// Sessions by WebSocket and the processes: a reload leaves them alone, also where it takes their server away; ends are 1001.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type MailPassSite, mailPassSite, type Way } from '../support/mail-pass-site.ts';
import { masterTarget } from '../support/master.ts';
import { defaultTarget } from '../support/target.ts';
import { handshake, type WebSocketClient } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx takes no WebSockets';

async function start(t: TestContext, way: Way, main = ''): Promise<MailPassSite> {
  return mailPassSite(t, { way, main: `worker_processes 1; ${main}`, target: masterTarget() });
}

async function lives(client: WebSocketClient, word: string): Promise<void> {
  await client.send(`${word}\r\n`);
  assert.equal(await client.line(), `+OK 250 [${word}]\r\n`);
}

/** Changes the configuration in one step, and reloads it. */
async function reload({ server }: MailPassSite, from: string | RegExp = '', to = ''): Promise<void> {
  const path = join(server.dir, 'nginx.conf');
  const text = readFileSync(path, 'latin1');
  const changed = from === '' ? text : text.replace(from, to);
  assert.ok(from === '' || changed !== text, `${from} in it`);
  writeFileSync(`${path}.new`, changed, 'latin1');
  renameSync(`${path}.new`, path);
  server.signal('SIGHUP');
  await server.waitLog(/gracefully shutting down/);
}

for (const way of ['mail_pass', 'listen'] as const) {
  test(`${way}: a reload leaves sessions with the old generation, and new ones come to the new one`, {
    skip,
  }, async (t) => {
    const site = await start(t, way);
    const [clear, secure] = [await site.enter('/imap'), await site.enter('/imap', 'wss')];
    await reload(site);
    await lives(clear, 'old');
    await lives(secure, 'old');
    const fresh = await site.enter('/imap', 'wss');
    await lives(fresh, 'new');
    site.leave();
    await site.server.waitLog(/worker process \d+ exited with code 0/);
  });

  test(`${way}: a server that goes away by a reload keeps the sessions that it has`, { skip }, async (t) => {
    const site = await start(t, way);
    const client = await site.enter('/imap');
    if (way === 'listen') {
      await reload(site, /listen \S+ websocket *;/, '');
    } else {
      await reload(site, /location \/imap \{[^}]*\}/, '');
    }
    await lives(client, 'still');
    const asked = site.server.connect('web').then(async (wire) => {
      await wire.send(handshake({ path: '/imap' }));
      const line = (await wire.rest()).toString('latin1');
      wire.destroy();
      return line.slice(0, 12);
    });
    if (way === 'listen') await assert.rejects(asked, /ECONNREFUSED/);
    else assert.match(await asked, /^HTTP\/1\.1 40[34]/); // of a folder that workers may not see
    await lives(client, 'still');
    site.leave();
  });

  test(`${way}: worker_shutdown_timeout ends them with 1001`, { skip }, async (t) => {
    const site = await start(t, way, 'worker_shutdown_timeout 300ms;');
    const clients = [await site.enter('/imap'), await site.enter('/imap', 'wss')];
    await reload(site);
    for (const client of clients) {
      assert.equal(await client.closeCode(), 1001);
      client.wire.destroy();
    }
    await site.server.waitLog(/worker process \d+ exited with code 0/);
    site.leave();
  });

  test(`${way}: TERM ends them with 1001, also those that have not logged in`, { skip }, async (t) => {
    const site = await start(t, way);
    // Those of TLS first: behind a record that is on its way nothing is sent any more, as a fast stop waits for nothing.
    const secure = [await site.open('/imap', {}, 'wss'), await site.enter('/imap', 'wss')];
    const clear = [await site.open('/imap'), await site.enter('/imap')];
    for (const client of [secure[0], clear[0]]) await client?.line();
    await lives(await site.enter('/imap'), 'done');
    const clients = [...secure, ...clear];
    site.server.signal('SIGTERM');
    for (const client of clients) {
      assert.equal(await client.closeCode(), 1001);
      client.wire.destroy();
    }
    await site.server.exited;
    site.leave();
  });
}
