// A client that asks for TLS and is gone before the reply to that: nobody waits for a handshake with it.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { IGNORE } from '../../../../src/net/connection.ts';
import type { TlsOutcome } from '../../../../src/net/tls/outcome.ts';
import { event, inTime } from '../../../support/in-time.ts';
import { buildTls } from '../../../support/tls.ts';
import { handleTransport, listenOver } from '../../../support/transports.ts';

test('a reply in clear that cannot be sent ends the handshake, and the connection', async (t) => {
  let told: (outcome: TlsOutcome) => void = () => {};
  let released: () => void = () => {};
  const outcome = new Promise<TlsOutcome>((resolve) => {
    told = resolve;
  });
  const release = new Promise<void>((resolve) => {
    released = resolve;
  });
  const port = listenOver(handleTransport, t, ({ connection }) => {
    connection.released = released;
    connection.handler = {
      ...IGNORE,
      onData: () => {
        connection.pause();
        connection.write(Buffer.from('220 go ahead\r\n'));
        connection.startTls(buildTls(), ['imap'], told);
      },
    };
    connection.resume();
  });
  const client = net.connect({ port, host: '127.0.0.1' });
  await event(client, 'connect');
  client.write('STARTTLS\r\n');
  client.resetAndDestroy();
  assert.equal((await inTime(outcome, 'the outcome')).kind, 'failed');
  await inTime(release, 'the close');
});
