// postern's own words where something answers that is not the api, or says more than it would: no hang, no trace, no 0.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../../src/cli/steer/api-client.ts';
import { Failure } from '../../src/cli/steer/failure.ts';
import { parseApi } from '../../src/cli/steer/find-api.ts';
import { table } from '../../src/cli/steer/table.ts';
import { run } from '../support/children.ts';
import { ownAddress } from '../support/ports.ts';
import { postern } from '../support/target.ts';

const HOST = ownAddress();

/** Whoever asks it gets this. @returns its URL */
async function stranger(t: TestContext, answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://${HOST}:${address.port}`;
}

const json = (text: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;

const NOT_THE_API = 'postern: what answers there is not the api\n';
const WORDS = {
  top: ['top'],
  sessions: ['sessions'],
  kick: ['kick', '--user', 'x'],
  drain: ['drain', 'g', 's'],
  hold: ['hold', 'x'],
  release: ['release', 'x'],
} as const;

test('JSON that is not of the api is no success of any word', async (t) => {
  for (const text of ['null', '{}', '"ok"', '{"sessions":{},"cursor":null}']) {
    const url = await stranger(t, (socket) => socket.end(json(text)));
    for (const words of Object.values(WORDS)) {
      const { code, stdout, stderr } = await run(postern.command, [...postern.args, ...words, '--api', url]);
      assert.deepEqual([code, stdout, stderr], [3, '', NOT_THE_API], `${words[0]}: ${text}`);
    }
  }
});

test('a server whose id is none is not changed', async (t) => {
  const url = await stranger(t, (socket) => socket.end(json('[{"server":"s","id":{"toString":1}}]')));
  const { code, stderr } = await run(postern.command, [...postern.args, 'drain', 'g', 's', '--api', url]);
  assert.deepEqual([code, stderr], [3, NOT_THE_API]);
});

test('pages without an end, and cursors that are none', async (t) => {
  const pages = [
    '{"count":1,"cursor":"1-1","sessions":[{"id":"1-1"}]}',
    '{"count":1,"cursor":{"toString":1},"sessions":[{"id":"1-1"}]}',
    '{"count":1,"cursor":1,"sessions":[{"id":"1-1"}]}',
    '{"count":1,"sessions":[{"id":"1-1"}]}',
    `{"count":1,"cursor":null,"sessions":[${Array(1001).fill('{}')}]}`,
  ];
  for (const page of pages) {
    const url = await stranger(t, (socket) => socket.end(json(page)));
    const { code, stderr } = await run(postern.command, [...postern.args, 'sessions', '--api', url]);
    assert.deepEqual([code, stderr], [3, NOT_THE_API], page.slice(0, 80));
  }
});

test('values that are no text are shown as JSON', async (t) => {
  const page = '{"cursor":null,"sessions":[{"id":{"toString":1}},7,null,{"id":["\\u001b"]}]}';
  const url = await stranger(t, (socket) => socket.end(json(page)));
  const { code, stdout } = await run(postern.command, [...postern.args, 'sessions', '--api', url]);
  assert.equal(code, 0);
  const [, ...rows] = stdout.split('\n').map((row) => row.split(' ')[0]);
  assert.deepEqual(rows, ['{"toString":1}', '-', '-', '["\\u001b"]', '']);
});

test('a table may have more rows than a function takes arguments', () => {
  const rows = table([['ID'], ...Array.from({ length: 300_000 }, (_, i) => [`id-${i}`])]);
  assert.equal(rows.length, 300_001);
});

test('an answer that is another protocol, or never done, is a failure in bounded time', async (t) => {
  const bounds = { silenceMs: 30_000, wholeMs: 300, length: 100 };
  const why = async (answer: (socket: Socket) => void, own = bounds): Promise<string> => {
    const client = new ApiClient(parseApi(await stranger(t, answer), undefined), own);
    const error: unknown = await client.get('/nginx').catch((failure: unknown) => failure);
    assert.ok(error instanceof Failure && error.code === 3, String(error));
    return error.message.replace('the api cannot be reached: ', '');
  };
  const drip =
    (head: string, drop: string) =>
    (socket: Socket): void => {
      socket.write(head);
      const timer = setInterval(() => socket.write(drop), 10);
      socket.once('close', () => clearInterval(timer));
    };
  assert.equal(
    await why((socket) => socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx')),
    'it speaks another protocol',
  );
  assert.equal(await why(drip('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', '')), 'its answer does not end');
  assert.equal(
    await why(drip('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n'), { ...bounds, length: 1e6 }),
    'its answer does not end',
  );
  assert.equal(await why(drip('HTTP/1.1 200 OK\r\nX: ', 'a')), 'its answer does not end');
  assert.equal(await why(drip('', 'HTTP/1.1 102 Processing\r\n\r\n')), 'its answer does not end');
  assert.equal(await why(drip('', ''), { ...bounds, silenceMs: 100, wholeMs: 30_000 }), 'it does not answer');
  assert.equal(await why((socket) => socket.end(json(' '.repeat(101)))), 'its answer is too long');
});

test('an address that is none', async () => {
  for (const url of ['http://%zz:x@127.0.0.1/', 'http://x:%@127.0.0.1/', 'unix:/x:/a b', 'unix:', 'http://a b/']) {
    const { code, stderr } = await run(postern.command, [...postern.args, 'sessions', '--api', url]);
    assert.deepEqual([code, stderr], [2, `postern: invalid --api "${url}"\n`]);
  }
});
