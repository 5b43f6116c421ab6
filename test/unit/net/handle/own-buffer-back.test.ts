// A relay that has moved much and is idle holds no buffer, however much the last read brought.
import assert from 'node:assert/strict';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { IGNORE } from '../../../../src/net/connection.ts';
import { ReadBuffers } from '../../../../src/net/handle/read-buffers.ts';
import { Changes } from '../../../support/in-time.ts';
import { handleTransport, listenOver } from '../../../support/transports.ts';

/** How many buffers are with connections. */
function countLoans(t: TestContext): () => number {
  let out = 0;
  const { takeOver, give, forget } = ReadBuffers.prototype;
  t.mock.method(ReadBuffers.prototype, 'takeOver', function (this: ReadBuffers, count: number): Buffer {
    out++;
    return takeOver.call(this, count);
  });
  for (const [name, method] of [
    ['give', give],
    ['forget', forget],
  ] as const) {
    t.mock.method(ReadBuffers.prototype, name, function (this: ReadBuffers, buffer: Buffer): void {
      if (name === 'forget') out--; // which is part of giving back
      method.call(this, buffer);
    });
  }
  return () => out;
}

for (const bytes of [16_385, 40_000, 100_000, 200_000]) {
  test(`after ${bytes} bytes`, async (t) => {
    const loans = countLoans(t);
    const changes = new Changes();
    let got = 0;
    const port = listenOver(handleTransport, t, ({ connection }) => {
      connection.handler = {
        ...IGNORE,
        onData: (chunk) => {
          got += chunk.length;
          changes.tell();
        },
      };
      connection.lendChunks();
      connection.resume();
    });
    const client = net.connect({ port, host: '127.0.0.1' });
    t.after(() => client.destroy());
    client.write(Buffer.alloc(bytes));
    await changes.until(() => got === bytes, 'all of it');
    assert.equal(loans(), 0);
  });
}
