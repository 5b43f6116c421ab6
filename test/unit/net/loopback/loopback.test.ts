// Which addresses are those of listeners of this process, and who is seen to connect to them.
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { inetAddress, type SocketAddress } from '../../../../src/core/address.ts';
import { parseIp } from '../../../../src/core/ip.ts';
import { type Connection, IGNORE } from '../../../../src/net/connection.ts';
import type { DialTarget } from '../../../../src/net/dial-target.ts';
import { endpointText } from '../../../../src/net/endpoint.ts';
import { type LocalListening, Loopback } from '../../../../src/net/loopback/loopback.ts';
import { MemoryConnection } from '../../../../src/net/loopback/memory-connection.ts';

const inet = (ip: string, port: number): SocketAddress => inetAddress(parseIp(ip) ?? assert.fail(ip), port);
const unix = (path: string): SocketAddress => ({ kind: 'unix', path });
const to = (address: string, port: number): DialTarget => ({ kind: 'inet', address, port });

class Stage {
  /** What was accepted, or dialled. */
  readonly told: string[] = [];
  readonly loopback = new Loopback({
    dial: (target): Connection => {
      this.told.push(`socket ${target.kind === 'unix' ? target.path : `${target.address} ${target.port}`}`);
      return MemoryConnection.pair(IGNORE)[0];
    },
  });

  listening(
    address: SocketAddress,
    name: string,
    tlsOf: (local: string | undefined) => boolean = () => false,
  ): LocalListening {
    return {
      address,
      text: name,
      options: { backlog: 1, ipv6only: true, keepaliveS: undefined },
      isTls: tlsOf,
      accept: (arrival) => {
        const [client, local] = [endpointText(arrival.client()), endpointText(arrival.local())];
        this.told.push(`${name}: ${client.replace(/:\d+$/, '')} -> ${local}`);
      },
    };
  }

  dial(target: DialTarget): string | undefined {
    this.loopback.dial(target, IGNORE);
    return this.told.pop();
  }
}

test('an address that is listened on', () => {
  const stage = new Stage();
  assert.equal(stage.dial(to('127.0.0.1', 80)), 'socket 127.0.0.1 80');
  stage.loopback.open([
    stage.listening(inet('127.0.0.1', 80), 'a'),
    stage.listening(inet('::1', 80), 'b'),
    stage.listening(unix('/run/a'), 'c'),
  ]);
  assert.equal(stage.dial(to('127.0.0.1', 80)), 'a: 127.0.0.1 -> 127.0.0.1:80');
  assert.equal(stage.dial(to('::1', 80)), 'b: [::1] -> [::1]:80');
  assert.equal(stage.dial({ kind: 'unix', path: '/run/a' }), 'c: unix: -> unix:');
  assert.equal(stage.dial(to('127.0.0.1', 81)), 'socket 127.0.0.1 81');
  assert.equal(stage.dial(to('127.0.0.2', 80)), 'socket 127.0.0.2 80');
  assert.equal(stage.dial({ kind: 'unix', path: '/run/b' }), 'socket /run/b');
});

test('a wildcard has the addresses of this machine, of its family', () => {
  const stage = new Stage();
  stage.loopback.open([stage.listening(inet('0.0.0.0', 80), 'four'), stage.listening(inet('::', 81), 'six')]);
  assert.equal(stage.dial(to('127.0.0.1', 80)), 'four: 127.0.0.1 -> 127.0.0.1:80');
  assert.equal(stage.dial(to('127.3.2.1', 80)), 'four: 127.0.0.1 -> 127.3.2.1:80');
  assert.equal(stage.dial(to('::1', 81)), 'six: [::1] -> [::1]:81');
  assert.equal(stage.dial(to('::1', 80)), 'socket ::1 80');
  assert.equal(stage.dial(to('127.0.0.1', 81)), 'socket 127.0.0.1 81');
  assert.equal(stage.dial(to('203.0.113.1', 80)), 'socket 203.0.113.1 80');
  assert.equal(stage.dial(to('0.0.0.0', 80)), 'socket 0.0.0.0 80');
  const others = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ internal, family }) => !internal && family === 'IPv4'),
  );
  for (const { address } of others) {
    assert.equal(stage.dial(to(address, 80)), `four: ${address} -> ${address}:80`);
  }
});

test('a socket of its own comes before the wildcard', () => {
  const stage = new Stage();
  stage.loopback.open([stage.listening(inet('0.0.0.0', 80), 'all'), stage.listening(inet('127.0.0.1', 80), 'own')]);
  assert.match(stage.dial(to('127.0.0.1', 80)) ?? '', /^own: /);
  assert.match(stage.dial(to('127.0.0.2', 80)) ?? '', /^all: /);
});

test('where TLS is spoken a socket is dialled', () => {
  const stage = new Stage();
  stage.loopback.open([stage.listening(inet('0.0.0.0', 80), 'all', (local) => local === '127.0.0.2')]);
  assert.match(stage.dial(to('127.0.0.1', 80)) ?? '', /^all: /);
  assert.equal(stage.dial(to('127.0.0.2', 80)), 'socket 127.0.0.2 80');
});

test('what is opened and closed later counts from then on', () => {
  const stage = new Stage();
  const target = to('127.0.0.1', 80);
  assert.match(stage.dial(target) ?? '', /^socket /);
  stage.loopback.open([stage.listening(inet('127.0.0.1', 80), 'a')]);
  assert.match(stage.dial(target) ?? '', /^a: /);
  stage.loopback.close();
  assert.match(stage.dial(target) ?? '', /^socket /);
});

test('clients have ports of their own, of those that the system would give', () => {
  const stage = new Stage();
  const ports = new Set<number>();
  const listening = stage.listening(inet('127.0.0.1', 80), 'a');
  stage.loopback.open([{ ...listening, accept: (arrival) => ports.add(arrival.client()?.port ?? 0) }]);
  const target = to('127.0.0.1', 80);
  for (let i = 0; i < 30_000; i++) stage.loopback.dial(target, IGNORE);
  assert.deepEqual([ports.size, Math.min(...ports), Math.max(...ports)], [28_232, 32_768, 60_999]);
});
