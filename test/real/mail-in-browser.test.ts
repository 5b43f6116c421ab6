// A page in Chromium, served by the http block, that reads mail of a Dovecot over a WebSocket.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPage, startChromium, withoutChromium } from '../support/chromium.ts';
import { startDovecot } from '../support/dovecot.ts';
import { missing, notRoot } from '../support/programs.ts';
import { startServer } from '../support/server.ts';
import { defaultTarget, ROOT } from '../support/target.ts';
import { pem } from '../support/tls.ts';

const skip =
  withoutChromium(notRoot(), defaultTarget().name === 'nginx' ? 'nginx takes no WebSockets' : undefined) ||
  missing(['dovecot']);

const SIZE = 20 * 1024 * 1024;
const PAGE = '<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>mail</title>';

/** Of whole lines, so that nothing has to be changed on its way. */
function message(): Buffer {
  const body = randomBytes(SIZE).toString('base64').slice(0, SIZE);
  return Buffer.from(`Subject: large\r\n\r\n${body.replace(/.{76}/g, '$&\r\n')}\r\n`);
}

test('a page fetches 20 MiB over wss, at its own pace; one of another origin is refused', { skip }, async (t) => {
  const browser = await startChromium(t);
  const dovecot = await startDovecot(t, { alice: 'wonderland' });
  const mail = message();
  dovecot.deliver('alice', 'large', mail);
  const server = await startServer(t, {
    files: { 'index.html': PAGE, 'rsa.pem': pem('server-rsa.pem'), 'rsa.key': pem('server-rsa.key') },
    config: `
      mail {
        auth_http @auth@/;
        ssl_certificate rsa.pem; ssl_certificate_key rsa.key;
        server { listen @imap@; protocol imap; }
        server {
          listen @direct@ ssl websocket; protocol imap;
          websocket_path /mail; websocket_allow_origin https://@web@;
        }
      }
      http {
        access_log off;
        types { text/html html; text/javascript js; }
        ssl_certificate rsa.pem; ssl_certificate_key rsa.key;
        root @DIR@;
        server { listen @auth@; location / { return 204;
          add_header Auth-Status OK; add_header Auth-Server ${dovecot.host}; add_header Auth-Port ${dovecot.imap}; } }
        server { listen @web@ ssl; listen @other@ ssl;
          location /imap { mail_pass @imap@; }
          location = /mail-page.js { alias ${join(ROOT, 'dist', 'test', 'real', 'page', 'mail-page.js')}; } }
      }`,
  });
  const at = (name: string): string => Object.values(server.at(name)).join(':');
  const fetching = (name: string, path: string): string =>
    `import('/mail-page.js').then(({ fetchMail }) => fetchMail('wss://${at(name)}${path}', 'alice', 'wonderland'))`;

  const { page, complaints } = await openPage(t, browser);
  await page.goto(`https://${at('web')}/`);
  for (const [name, path] of [
    ['web', '/imap'],
    ['direct', '/mail'],
  ] as const) {
    const fetched: unknown = await page.evaluate(fetching(name, path));
    assert.ok(typeof fetched === 'object' && fetched !== null && 'pauses' in fetched);
    const { pauses, ...rest } = fetched;
    assert.ok(Number(pauses) > 100, `${pauses} pauses`);
    assert.deepEqual(rest, {
      protocol: 'imap',
      greeting: '* OK IMAP4 ready\r\n',
      mailboxes: ['* LIST (\\HasNoChildren) "." INBOX\r\n'],
      size: mail.length,
      sha256: createHash('sha256').update(mail).digest('hex'),
    });
  }
  assert.deepEqual(complaints, []);

  const stranger = await openPage(t, browser);
  await stranger.page.goto(`https://${at('other')}/`);
  for (const [name, path] of [
    ['web', '/imap'],
    ['direct', '/mail'],
  ] as const) {
    await assert.rejects(stranger.page.evaluate(fetching(name, path)), /WebSocket/);
  }
  await server.waitLog(/\[error\].*client asked from an origin that may not while reading WebSocket handshake/);
  await server.waitLog(/\[error\].*client asked from an origin that may not, client: /);
});
