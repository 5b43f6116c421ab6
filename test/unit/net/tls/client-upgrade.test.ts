// TLS to a server, over both transports: what is said, what is resumed, and how a handshake fails.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { ClientTlsOutcome, TlsPeer } from '../../../../src/net/tls/client-outcome.ts';
import { opensslText } from '../../../../src/net/tls/openssl-error.ts';
import { Dialled } from '../../../support/dialled.ts';
import { turnsUntil } from '../../../support/in-time.ts';
import { freePort } from '../../../support/ports.ts';
import { clientTls, peerOf, plainServer, tlsServer } from '../../../support/tls-backend.ts';
import { RecordType, recordTypes } from '../../../support/tls-records.ts';
import { TRANSPORTS } from '../../../support/transports.ts';

const HEADER = 'PROXY TCP4 192.0.2.7 198.51.100.1 40001 143\r\n';

const greets = (socket: TLSSocket): void => {
  socket.write('* OK ready\r\n');
  socket.on('data', (chunk: Buffer) => socket.write(`echo ${chunk}`));
  socket.on('end', () => socket.end());
};

function failed(outcome: ClientTlsOutcome): Extract<ClientTlsOutcome, { kind: 'failed' }> {
  assert.ok(outcome.kind === 'failed');
  return outcome;
}

for (const transport of TRANSPORTS) {
  const over = (name: string): string => `${transport.name}: ${name}`;

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(over(`bytes go both ways, and the end too (${maxVersion})`), async (t) => {
      const port = await tlsServer(t, greets, { maxVersion });
      const dialled = new Dialled(t, transport, port);
      const end = await dialled.secure(peerOf(clientTls()));
      assert.equal(end.protocol(), maxVersion);
      await dialled.text('* OK ready\r\n');
      dialled.conn.write(Buffer.from('hello'));
      await dialled.text('echo hello');
      dialled.conn.endOutput(() => {});
      await dialled.until(() => dialled.isClosed, 'the close');
      assert.ok(dialled.hasEnded);
      assert.equal(dialled.error, undefined);
    });
  }

  test(over('the server hears of a name and of protocols, where there are any'), async (t) => {
    const seen: unknown[] = [];
    const port = await tlsServer(t, (socket) => seen.push([socket.servername, socket.alpnProtocol]), {
      ALPNProtocols: ['imap', 'x'],
    });
    const tls = clientTls({ reusesSessions: false });
    const named = await new Dialled(t, transport, port).secure(peerOf(tls, { sendsName: true, alpn: ['y', 'imap'] }));
    await new Dialled(t, transport, port).secure(peerOf(tls));
    await turnsUntil(() => seen.length === 2);
    assert.deepEqual(seen, [
      ['mail.example', 'imap'],
      [false, false],
    ]);
    assert.equal(named.alpn(), 'imap');
  });

  test(over('what was written before it is sent in clear, and before it'), async (t) => {
    let first: Buffer | undefined;
    const port = await plainServer(t, (socket) => {
      socket.once('data', (chunk) => {
        first = chunk;
        socket.destroy();
      });
    });
    const dialled = new Dialled(t, transport, port);
    dialled.conn.write(Buffer.from(HEADER));
    const outcome = await dialled.startTls(peerOf(clientTls()));
    assert.equal(outcome.kind, 'failed');
    assert.ok(first?.toString().startsWith(HEADER));
  });

  test(over('a dialogue in clear may come before it'), async (t) => {
    const secured = await tlsServer(t, greets);
    const port = await plainServer(t, (socket) => {
      socket.write('220 hello\r\n');
      socket.once('data', () => {
        socket.write('220 go\r\n');
        pipeTo(socket, secured, t);
      });
    });
    const dialled = new Dialled(t, transport, port);
    await dialled.text('220 hello\r\n');
    dialled.conn.write(Buffer.from('STARTTLS\r\n'));
    await dialled.text('220 go\r\n');
    await dialled.secure(peerOf(clientTls()));
    await dialled.text('* OK ready\r\n');
  });

  test(over('a server that refuses the connection'), async (t) => {
    const outcome = failed(await new Dialled(t, transport, await freePort('127.0.0.1')).startTls(peerOf(clientTls())));
    assert.equal(outcome.begun, false);
    assert.ok(outcome.error !== undefined && 'code' in outcome.error);
    assert.equal(outcome.error.code, 'ECONNREFUSED');
  });

  test(over('a server that talks in clear'), async (t) => {
    const port = await plainServer(t, (socket) => socket.write('* OK in clear, for all to read\r\n'));
    const outcome = failed(await new Dialled(t, transport, port).startTls(peerOf(clientTls())));
    assert.equal(outcome.begun, true);
    assert.match(opensslText(outcome.error) ?? '', /wrong version number/);
  });

  test(over('a server that ends, or resets, instead of a hello'), async (t) => {
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const port = await plainServer(t, (socket) => socket.once('data', () => leave(socket)));
      const outcome = failed(await new Dialled(t, transport, port).startTls(peerOf(clientTls())));
      assert.equal(outcome.begun, true);
      assert.equal(opensslText(outcome.error), undefined);
    }
  });

  test(over('a server that has ended before'), async (t) => {
    const port = await plainServer(t, (socket) => socket.end());
    const dialled = new Dialled(t, transport, port);
    await dialled.until(() => dialled.hasEnded, 'the end');
    assert.deepEqual(await dialled.startTls(peerOf(clientTls())), { kind: 'failed', error: undefined, begun: true });
  });

  test(over('a connection that is gone'), async (t) => {
    const port = await plainServer(t, () => {});
    const dialled = new Dialled(t, transport, port);
    dialled.conn.destroy();
    assert.equal((await dialled.startTls(peerOf(clientTls()))).kind, 'failed');
  });

  test(over('a server that says nothing: the deadline that was armed counts'), async (t) => {
    const port = await plainServer(t, (socket) => socket.write('* OK\r\n'));
    const dialled = new Dialled(t, transport, port);
    await dialled.text('* OK\r\n'); // the connection stands
    dialled.conn.deadline(50);
    assert.deepEqual(await dialled.startTls(peerOf(clientTls())), { kind: 'timeout', begun: true });
  });

  test(over('no cipher in common'), async (t) => {
    const port = await tlsServer(t, greets, { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' });
    const tls = clientTls({ ciphers: 'AES256-GCM-SHA384', protocols: new Set(['TLSv1.2']) });
    const outcome = failed(await new Dialled(t, transport, port).startTls(peerOf(tls)));
    assert.match(opensslText(outcome.error) ?? '', /handshake failure/);
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(over(`sessions are resumed with the same server, and with no other (${maxVersion})`), async (t) => {
      const port = await tlsServer(t, greets, { maxVersion });
      const tls = clientTls();
      const resumed = async (settings = tls, over: Partial<TlsPeer> = {}): Promise<boolean> => {
        const dialled = new Dialled(t, transport, port);
        const end = await dialled.secure(peerOf(settings, over));
        await dialled.text('* OK ready\r\n');
        dialled.conn.write(Buffer.from('x'));
        await dialled.text('echo x');
        return end.resumed();
      };
      assert.equal(await resumed(), false);
      assert.equal(await resumed(), true);
      assert.equal(await resumed(), true);
      assert.equal(await resumed(tls, { target: 'another' }), false);
      assert.equal(await resumed(tls, { name: 'another' }), false);
      assert.equal(await resumed(clientTls()), false);
      const never = clientTls({ reusesSessions: false });
      assert.equal(await resumed(never), false);
      assert.equal(await resumed(never), false);
    });
  }

  test(over('our certificate is shown'), async (t) => {
    let subject: string | undefined;
    const port = await tlsServer(
      t,
      (socket) => {
        subject = socket.getPeerX509Certificate()?.subject;
        greets(socket);
      },
      { requestCert: true, rejectUnauthorized: false },
    );
    const dialled = new Dialled(t, transport, port);
    await dialled.secure(peerOf(clientTls({ certificate: 'client.pem', key: 'client.key' })));
    await dialled.text('* OK ready\r\n');
    assert.match(subject ?? '', /CN=/);
  });

  for (const renegotiates of [true, false]) {
    test(over(`a server that asks for another handshake ${renegotiates ? 'gets it' : 'gets none'}`), async (t) => {
      const serve = (socket: TLSSocket): void => {
        socket.once('data', () => socket.renegotiate({}, () => {}));
        socket.write('* OK ready\r\n');
      };
      const secured = await tlsServer(t, serve, { maxVersion: 'TLSv1.2' });
      const sent: Buffer[] = [];
      const port = await plainServer(t, (socket) => {
        socket.on('data', (chunk: Buffer) => sent.push(chunk));
        pipeTo(socket, secured, t);
      });
      const dialled = new Dialled(t, transport, port);
      await dialled.secure(peerOf(clientTls({ renegotiates })));
      await dialled.text('* OK ready\r\n');
      dialled.conn.write(Buffer.from('x'));
      const answer = (): number | undefined => {
        const types = recordTypes(Buffer.concat(sent));
        const data = types.indexOf(RecordType.data);
        return data < 0 ? undefined : types[data + 1];
      };
      await turnsUntil(() => answer() !== undefined, 'an answer to that');
      assert.equal(answer(), renegotiates ? RecordType.handshake : RecordType.alert);
    });
  }

  test(over('another server than the one that is wanted is left'), async (t) => {
    const port = await tlsServer(t, greets);
    const tls = clientTls({ verify: true, trusted: 'ca.pem' });
    const dialled = new Dialled(t, transport, port);
    const log = 'upstream SSL certificate does not match "mail.example.org"';
    assert.deepEqual(await dialled.startTls(peerOf(tls, { name: 'mail.example.org' })), { kind: 'refused', log });
    assert.equal(dialled.conn.write(Buffer.from('secret')), false);
  });
}

/** Passes a connection on, once what it waits for has been written. */
function pipeTo(socket: Socket, port: number, scope: { after(fn: () => void): void }): void {
  const onward = connect(port, '127.0.0.1');
  scope.after(() => onward.destroy());
  onward.on('error', () => {});
  socket.pipe(onward).pipe(socket);
}
