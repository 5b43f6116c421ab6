// Questions to the auth server over connections that are kept.
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ConnectionBudget } from '../../../../src/core/connection-budget.ts';
import { AuthExchange } from '../../../../src/mail/auth-http/exchange.ts';
import { KeptConnections } from '../../../../src/mail/auth-http/kept-connections.ts';
import type { AuthReply } from '../../../../src/mail/auth-http/reply.ts';
import { listen } from '../../../support/fake-auth.ts';
import { Changes, event, inTime, turnsUntil } from '../../../support/in-time.ts';
import { bytes, isZero, Recording, stage } from '../doubles.ts';

type Answer = (socket: Socket, index: number) => void;

const OK = 'HTTP/1.1 200 OK\r\nAuth-Status: OK\r\nAuth-Port: 143\r\n';
const EMPTY = `${OK}Content-Length: 0\r\n\r\n`;
const answerOf =
  (text: string): Answer =>
  (socket) =>
    void socket.write(text);

/** A server, and whoever asks it. */
class Site {
  readonly sockets: Socket[] = [];
  readonly connections: ConnectionBudget;
  readonly kept: KeptConnections;
  readonly #server: Server;
  readonly #asked = new Changes();
  #questions = 0;
  #port = 0;
  answer: Answer;

  constructor(answer: Answer, limit: number, room: number) {
    this.answer = answer;
    const { log } = new Recording();
    this.connections = new ConnectionBudget({ limit: room, log, delayMs: 1, spare: () => 1000 });
    this.connections.occupy(0);
    this.kept = new KeptConnections(limit, this.connections);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.sockets.push(socket);
      socket.setNoDelay();
      socket.on('error', () => {});
      socket.on('end', () => socket.end());
      socket.on('data', (chunk) => {
        assert.ok(chunk.toString().endsWith('\r\n\r\n'), 'a question at a time');
        this.answer(socket, this.#questions++);
        this.#asked.tell();
      });
    });
  }

  static async start(
    t: TestContext,
    answer: Answer,
    { limit = 2, room = 100 }: { readonly limit?: number; readonly room?: number } = {},
  ): Promise<Site> {
    const site = new Site(answer, limit, room);
    site.#port = await listen(site.#server, '127.0.0.1', 0);
    t.after(() => {
      site.kept.close();
      site.#server.close();
      for (const socket of site.sockets) socket.destroy();
    });
    return site;
  }

  asked(count: number): Promise<unknown> {
    return this.#asked.until(() => (this.#questions >= count ? true : undefined), `question ${count}`);
  }

  ask(): Promise<{ readonly reply: AuthReply | undefined; readonly lines: readonly string[] }> {
    const on = stage({ connections: this.connections });
    const request = bytes('GET / HTTP/1.1\r\nAuth-Pass: secret\r\n\r\n');
    const told = new Promise<AuthReply | undefined>((resolve) => {
      const target = { kind: 'inet', address: '127.0.0.1', port: this.#port } as const;
      const server = { target, text: `127.0.0.1:${this.#port}`, timeoutMs: 10_000 };
      new AuthExchange(on.session, server, request, resolve, { authConnections: this.kept }).start();
    });
    return inTime(
      told.then((reply) => {
        assert.ok(isZero(request), 'the request held a password');
        return { reply, lines: on.recording.lines };
      }),
      'the answer',
    );
  }

  /** Asks, and expects an answer without a word in the log. */
  async good(): Promise<void> {
    const { reply, lines } = await this.ask();
    assert.deepEqual([reply?.port?.toString(), lines], ['143', []]);
  }
}

const REUSABLE = {
  'without a body': EMPTY,
  'with a body': `${OK}Content-Length: 5\r\n\r\nhello`,
  'in chunks': `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  'that says keep-alive': `${OK}Connection: keep-alive\r\nContent-Length: 0\r\n\r\n`,
  'of status 204': 'HTTP/1.1 204 No Content\r\nAuth-Status: OK\r\nAuth-Port: 143\r\n\r\n',
};

for (const [name, text] of Object.entries(REUSABLE)) {
  test(`after an answer ${name} the next question uses the same connection`, async (t) => {
    const site = await Site.start(t, answerOf(text));
    for (let i = 0; i < 3; i++) await site.good();
    assert.equal(site.sockets.length, 1);
    assert.equal(site.connections.used, 1, 'it has one place');
  });

  test(`an answer ${name} that comes byte by byte`, async (t) => {
    const site = await Site.start(t, (socket) => {
      for (const byte of text) socket.write(byte);
    });
    await site.good();
    await site.good();
    assert.ok(site.sockets.length <= 2, 'its end may come later than the next question');
  });
}

const CLOSING = {
  'of HTTP/1.0': EMPTY.replace('1.1', '1.0'),
  'that says close': `${OK}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  'whose end nothing tells': `${OK}\r\n`,
  'with two lengths': `${OK}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`,
  'with a length and chunks': `${OK}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'with a length that is none': `${OK}Content-Length: +0\r\n\r\n`,
  'in another encoding': `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'with more behind it': `${EMPTY}HTTP/1.1 200 OK\r\n`,
  'that announces another one': EMPTY.replace('200', '100'),
};

for (const [name, text] of Object.entries(CLOSING)) {
  test(`after an answer ${name} the connection is closed`, async (t) => {
    const site = await Site.start(t, answerOf(text));
    await site.good();
    assert.equal(site.connections.used, 0);
    await site.good();
    assert.equal(site.sockets.length, 2);
  });
}

test('a question that finds its connection closed is asked anew', async (t) => {
  const site = await Site.start(t, (socket, index) => {
    if (index === 1) socket.destroy();
    else if (index === 3) socket.resetAndDestroy();
    else socket.write(EMPTY);
  });
  for (let i = 0; i < 3; i++) await site.good();
  assert.equal(site.sockets.length, 3);
  assert.equal(site.connections.used, 1);
});

test('a new connection that is closed without an answer is not', async (t) => {
  const site = await Site.start(t, (socket) => socket.destroy());
  const { reply } = await site.ask();
  assert.equal(reply, undefined);
  assert.deepEqual([site.sockets.length, site.connections.used], [1, 0]);
});

test('an answer that breaks off is not asked for again', async (t) => {
  const site = await Site.start(t, (socket, index) => {
    if (index === 0) socket.write(EMPTY);
    else socket.end('HTTP/1.1 200 OK\r\nAuth-');
  });
  await site.good();
  assert.equal((await site.ask()).reply, undefined);
  assert.equal(site.sockets.length, 1);
});

for (const [name, act] of [
  ['closes', (socket: Socket) => socket.end()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ['says something unasked', (socket: Socket) => socket.write('x')],
] as const) {
  test(`a connection that the server ${name} while it waits is given up`, async (t) => {
    const site = await Site.start(t, answerOf(EMPTY));
    await site.good();
    const [socket] = site.sockets;
    assert.ok(socket);
    act(socket);
    await turnsUntil(() => site.connections.used === 0);
    await site.good();
    assert.equal(site.sockets.length, 2);
  });
}

test('no more wait than the limit says; the one that was used last goes on first', async (t) => {
  const waiting: Socket[] = [];
  const site = await Site.start(t, (socket) => void waiting.push(socket), { limit: 2 });
  const questions = [site.ask(), site.ask(), site.ask()];
  await site.asked(3);
  for (const socket of waiting) socket.write(EMPTY);
  await Promise.all(questions);
  assert.equal(site.connections.used, 2);
  site.answer = answerOf(EMPTY);
  await site.good();
  await site.good();
  assert.equal(site.sockets.length, 3);
});

test('a connection that waits gives its place to one that is needed', async (t) => {
  const site = await Site.start(t, answerOf(EMPTY), { room: 1 });
  await site.good();
  const [socket] = site.sockets;
  assert.ok(socket);
  const closed = event(socket, 'end');
  assert.equal(site.connections.accept('127.0.0.1:143'), true);
  await closed;
  assert.equal(site.connections.accept('127.0.0.1:143'), false, 'there is no other');
});

test('when all is over, nothing is kept', async (t) => {
  const site = await Site.start(t, answerOf(EMPTY));
  await site.good();
  site.kept.close();
  assert.equal(site.connections.used, 0);
  await site.good();
  assert.equal(site.connections.used, 0);
});
