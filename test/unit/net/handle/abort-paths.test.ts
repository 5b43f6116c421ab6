// What would abort the process if it were done to a handle: this file ends with its tests, or not at all.
import assert from 'node:assert/strict';
import { connect as connectPlain, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Connection, IGNORE } from '../../../../src/net/connection.ts';
import { TlsHub } from '../../../../src/net/tls/hub.ts';
import { closed, event, inTime } from '../../../support/in-time.ts';
import { buildTls, clientHello } from '../../../support/tls.ts';
import { clientTls, peerOf, plainServer, tlsServer } from '../../../support/tls-backend.ts';
import { handleTransport, listenOver } from '../../../support/transports.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** The next connection, and its client. */
async function pair(t: TestContext): Promise<{ readonly conn: Connection; readonly client: Socket }> {
  let arrived: (conn: Connection) => void = () => {};
  const arrival = new Promise<Connection>((resolve) => {
    arrived = resolve;
  });
  const port = listenOver(handleTransport, t, ({ connection }) => arrived(connection));
  const client = connectPlain(port, '127.0.0.1');
  client.on('error', () => {});
  t.after(() => client.destroy());
  return { conn: await inTime(arrival, 'a connection'), client };
}

interface TlsPair {
  readonly conn: Connection;
  readonly client: TLSSocket;
}

async function tlsPair(t: TestContext): Promise<TlsPair> {
  const { conn, client: plain } = await pair(t);
  plain.pause();
  const secure = new Promise<void>((resolve) => {
    conn.startTls(buildTls(), ['imap'], (outcome) => {
      assert.equal(outcome.kind, 'secure');
      resolve();
    });
  });
  const client = connect({ socket: plain, rejectUnauthorized: false });
  client.on('error', () => {});
  t.after(() => client.destroy());
  await inTime(secure, 'the handshake');
  return { conn, client };
}

const gone = (conn: Connection): Promise<Error | undefined> =>
  inTime(
    new Promise<Error | undefined>((resolve) => {
      conn.handler = { ...IGNORE, onClose: resolve };
    }),
    'the close',
  );

/** All that can be asked of a connection. */
function askEverything(conn: Connection): void {
  assert.equal(conn.write(Buffer.from('x')), false);
  conn.pause();
  conn.unread(Buffer.from('x'));
  conn.resume();
  conn.lendChunks();
  conn.deadline(1000);
  conn.discardInput();
  conn.endOutput(() => {});
  conn.startTls(buildTls(), ['imap'], () => {});
  conn.startClientTls(peerOf(clientTls()), () => {});
  conn.finish();
  conn.destroy();
}

test('sessions that nobody refers to but their handles live on, with TLS and without', async (t) => {
  const echo = (conn: Connection): void => {
    conn.handler = { ...IGNORE, onData: (chunk) => conn.write(chunk), onEof: () => conn.finish() };
    conn.resume();
  };
  const tls = buildTls();
  const plainPort = listenOver(handleTransport, t, ({ connection }) => echo(connection));
  const tlsPort = listenOver(handleTransport, t, ({ connection }) =>
    connection.startTls(tls, ['imap'], () => echo(connection)),
  );
  const clients = [
    ...Array.from({ length: 5 }, () => connectPlain(plainPort, '127.0.0.1')),
    ...Array.from({ length: 5 }, () => connect({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })),
  ];
  for (const client of clients) t.after(() => client.destroy());
  for (let round = 0; round < 3; round++) {
    for (const client of clients) {
      client.write('hello');
      assert.equal(String((await event(client, 'data'))[0]), 'hello');
    }
    collectGarbage();
  }
});

test('a connection that is closing, or closed, may be asked for anything', async (t) => {
  for (const make of [pair, tlsPair]) {
    const { conn } = await make(t);
    conn.destroy();
    askEverything(conn);
    await gone(conn);
    askEverything(conn);
  }
});

test('it may be closed from inside its own data, with more of it decrypted already', async (t) => {
  for (const make of [pair, tlsPair]) {
    const { conn, client } = await make(t);
    let calls = 0;
    const closes = new Promise<void>((resolve) => {
      conn.handler = {
        ...IGNORE,
        onData: () => {
          calls++;
          conn.destroy();
          askEverything(conn);
          resolve();
        },
      };
    });
    conn.resume();
    client.cork();
    for (let i = 0; i < 20; i++) client.write(Buffer.alloc(16_384));
    client.uncork();
    await inTime(closes, 'the data');
    await closed(client);
    assert.equal(calls, 1);
  }
});

test('bytes on their way are no obstacle to a close', async (t) => {
  for (const make of [pair, tlsPair]) {
    const { conn, client } = await make(t);
    client.pause();
    const large = Buffer.alloc(16 * 1024 * 1024);
    while (conn.write(large));
    conn.write(large);
    const end = gone(conn);
    conn.destroy();
    assert.equal(await end, undefined);
  }
});

test('a request is not used again before it is complete: writes from inside onDrain', async (t) => {
  for (const make of [pair, tlsPair]) {
    const { conn, client } = await make(t);
    let received = 0;
    const large = Buffer.alloc(8 * 1024 * 1024);
    let left = 3;
    const all = new Promise<void>((resolve) => {
      client.on('data', (chunk) => {
        received += chunk.length;
        if (received === 6 * large.length) resolve();
      });
    });
    const send = (): void => {
      conn.write(large);
      conn.write(large);
    };
    conn.handler = {
      ...IGNORE,
      onDrain: () => {
        if (--left > 0) send();
      },
    };
    send();
    await inTime(all, 'all of it');
  }
});

test('several writes over TLS in one turn are sent in their order', async (t) => {
  const { conn, client } = await tlsPair(t);
  const words = Array.from({ length: 100 }, (_, i) => `${i} `);
  for (const word of words) conn.write(Buffer.from(word));
  conn.finish();
  let text = '';
  client.on('data', (chunk) => {
    text += String(chunk);
  });
  await event(client, 'end');
  assert.equal(text, words.join(''));
});

test('a close in the midst of a handshake, at any of its steps', async (t) => {
  const hello = await clientHello();
  for (const part of [hello.subarray(0, 20), hello]) {
    const { conn, client } = await pair(t);
    const outcome = new Promise<string>((resolve) => {
      conn.startTls(buildTls(), ['imap'], ({ kind }) => resolve(kind));
    });
    client.write(part);
    await event(client.resume(), part === hello ? 'data' : 'ready').catch(() => {});
    conn.destroy();
    assert.equal(await inTime(outcome, 'the outcome'), 'failed');
    await closed(client);
  }
});

test('a session store that answers when the connection is gone', async (t) => {
  const answers: (() => void)[] = [];
  const store = {
    get: () => undefined,
    put: () => {},
    remove: () => {},
  };
  const tls = buildTls({ sessionTickets: false, sessionCache: { kind: 'cache', builtin: 10, shared: undefined } });
  const hub = new TlsHub({
    stores: [store],
    zone: undefined,
    lifetimeS: 60,
    hasTls13: true,
    hasTickets: true,
    chains: undefined,
  });
  const events = hub.events();
  events.removeAllListeners();
  events.on('newSession', (_id, _session, done: () => void) => answers.push(done));
  const { conn, client: plain } = await pair(t);
  plain.pause();
  conn.startTls({ ...tls, hub }, ['imap'], () => {});
  const client = connect({ socket: plain, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  client.on('error', () => {});
  t.after(() => client.destroy());
  while (answers.length === 0) await new Promise(setImmediate);
  const end = closed(plain);
  conn.destroy();
  for (const answer of answers) answer();
  await end;
  for (const answer of answers) answer();
  collectGarbage();
});

test('a client that breaks the protocol after the handshake ends its connection only', async (t) => {
  const { conn, client: plain } = await pair(t);
  plain.pause();
  const secure = new Promise<void>((resolve) => {
    conn.startTls(buildTls(), ['imap'], () => resolve());
  });
  const client = connect({ socket: plain, rejectUnauthorized: false });
  client.on('error', () => {});
  await inTime(secure, 'the handshake');
  const end = gone(conn);
  conn.resume();
  plain.write(Buffer.alloc(100, 0x17));
  assert.ok((await end) !== undefined);
});

test('a close in the midst of a handshake with a server, at any of its steps', async (t) => {
  const steps: readonly ((conn: Connection, hello: Promise<unknown>) => Promise<unknown>)[] = [
    async () => {}, // not connected yet
    async (_conn, hello) => hello,
    async (conn, hello) => {
      await hello;
      await new Promise(setImmediate);
      conn.pause();
    },
  ];
  for (const step of steps) {
    let heard = (): void => {};
    const hello = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const port = await plainServer(t, (socket) => socket.once('data', () => heard()));
    const conn = handleTransport.dial({ kind: 'inet', address: '127.0.0.1', port }, IGNORE);
    const outcome = new Promise<string>((resolve) =>
      conn.startClientTls(peerOf(clientTls()), ({ kind }) => resolve(kind)),
    );
    await inTime(step(conn, hello), 'the step');
    conn.destroy();
    assert.equal(await inTime(outcome, 'the outcome'), 'failed');
    askEverything(conn);
  }
  collectGarbage();
});

test('a server that breaks off a handshake at any byte of its answer', async (t) => {
  const secured = await tlsServer(t, (socket) => socket.write('hello'), { maxVersion: 'TLSv1.2' });
  for (const count of [0, 1, 5, 50, 500, 1000]) {
    const port = await plainServer(t, (socket) => {
      const onward = connectPlain(secured, '127.0.0.1');
      t.after(() => onward.destroy());
      socket.pipe(onward);
      let left = count;
      onward.on('data', (chunk: Buffer) => {
        socket.write(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) socket.end();
      });
    });
    const conn = handleTransport.dial({ kind: 'inet', address: '127.0.0.1', port }, IGNORE);
    const outcome = new Promise<string>((resolve) =>
      conn.startClientTls(peerOf(clientTls()), ({ kind }) => resolve(kind)),
    );
    assert.equal(await inTime(outcome, 'the outcome'), 'failed');
  }
  collectGarbage();
});

test('connections to servers that nobody refers to but their handles live on, and take sessions', async (t) => {
  const port = await tlsServer(t, (socket) => {
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.write('* OK\r\n');
  });
  const tls = clientTls();
  let settle = (): void => {};
  for (let i = 0; i < 3; i++) {
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    begin(settle);
    collectGarbage();
    await inTime(done, 'an echo');
  }

  function begin(done: () => void): void {
    const conn = handleTransport.dial({ kind: 'inet', address: '127.0.0.1', port }, IGNORE);
    t.after(() => conn.destroy());
    conn.startClientTls(peerOf(tls), ({ kind }) => {
      assert.equal(kind, 'secure');
      collectGarbage();
      let text = '';
      conn.handler = {
        ...IGNORE,
        onData: (chunk) => {
          if (text === '') conn.write(Buffer.from('echo'));
          text += String(chunk);
          if (text === '* OK\r\necho') done();
          collectGarbage();
        },
      };
      conn.resume();
    });
  }
});

test('a connection to a server may be closed from inside its data and its handshake', async (t) => {
  const large = Buffer.alloc(200_000);
  const port = await tlsServer(t, (socket) => socket.write(large));
  for (const where of ['done', 'data']) {
    const conn = handleTransport.dial({ kind: 'inet', address: '127.0.0.1', port }, IGNORE);
    const end = new Promise<void>((resolve) => {
      conn.released = resolve;
    });
    const leave = (): void => {
      conn.destroy();
      askEverything(conn);
    };
    conn.startClientTls(peerOf(clientTls()), () => {
      conn.handler = { ...IGNORE, onData: leave };
      if (where === 'done') leave();
      else conn.resume();
    });
    await inTime(end, 'the close');
  }
});
