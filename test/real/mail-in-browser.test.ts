// A page in Chromium, served by the http block, that speaks IMAP over a WebSocket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, startChromium, withoutChromium } from '../support/chromium.ts';
import { startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';

const skip = withoutChromium(defaultTarget().name === 'nginx' ? 'nginx has no mail_pass' : undefined);

const PAGE = '<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>mail</title>';

test('a page opens a WebSocket and is greeted', { skip }, async (t) => {
  const browser = await startChromium(t);
  const server = await startServer(t, {
    files: { 'index.html': PAGE },
    config: `mail { auth_http 127.0.0.1:9; server { listen @imap@; protocol imap; } }
      http { access_log off; types { text/html html; } server { listen @web@; root @DIR@; location /imap { mail_pass @imap@; } } }`,
  });
  const { host, port } = server.at('web');
  const { page, complaints } = await openPage(t, browser);
  await page.goto(`http://${host}:${port}/`);
  const greeting = await page.evaluate(`new Promise((resolve, reject) => {
    const socket = new WebSocket('ws://' + location.host + '/imap', 'imap');
    socket.binaryType = 'arraybuffer';
    socket.onerror = reject;
    socket.onmessage = ({ data }) => resolve(new TextDecoder().decode(data));
  })`);
  assert.equal(greeting, '* OK IMAP4 ready\r\n');
  assert.deepEqual(complaints, []);
});
