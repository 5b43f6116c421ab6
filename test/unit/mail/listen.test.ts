// The listen directive: addresses and options, and what they become. The golden cases hold more of its messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfError } from '../../../src/conf/directive.ts';
import { formatAddress } from '../../../src/core/address.ts';
import { coreModule } from '../../../src/mail/core-module.ts';
import type { Listen, ListenOptions } from '../../../src/net/listen/options.ts';
import { serverStores } from './doubles.ts';

function listens(value: string): readonly Listen[] {
  const hosts = { 'mail.test': ['192.0.2.1', '2001:db8::1', '192.0.2.1'] };
  const [store] = serverStores(`auth_http 127.0.0.1:9; server { protocol imap; listen ${value}; }`, { hosts });
  return store?.get(coreModule.srv).listens ?? [];
}

/** The options that differ from the default, or the message. */
function options(value: string): Partial<ListenOptions> | string {
  try {
    const [first] = listens(`127.0.0.1:143 ${value}`);
    assert.ok(first !== undefined);
    const defaults: Readonly<Record<string, unknown>> = {
      bind: false,
      backlog: 511,
      ipv6only: true,
      keepalive: undefined,
      ssl: false,
      proxyProtocol: false,
      websocket: false,
    };
    return Object.fromEntries(Object.entries(first.options).filter(([name, set]) => set !== defaults[name]));
  } catch (error) {
    if (error instanceof ConfError) return error.message;
    throw error;
  }
}

const keepalive = (idle: number, interval: number, count: number): Partial<ListenOptions> => ({
  bind: true,
  keepalive: { idle, interval, count },
});

const OPTIONS: readonly (readonly [string, Partial<ListenOptions> | string])[] = [
  ['', {}],
  ['proxy_protocol', { proxyProtocol: true }],
  ['websocket', { websocket: true }],
  ['websocket=on', 'invalid parameter "websocket=on"'],
  ['bind', { bind: true }],
  ['multipath', { bind: true }],
  ['backlog=1', { bind: true, backlog: 1 }],
  ['backlog=1 backlog=2', { bind: true, backlog: 2 }],
  ['backlog=99999999999', { bind: true, backlog: 2 ** 31 - 1 }],
  ['backlog=0', 'invalid backlog "backlog=0"'],
  ['backlog=-1', 'invalid backlog "backlog=-1"'],
  ['backlog=', 'invalid backlog "backlog="'],
  ['backlog=1k', 'invalid backlog "backlog=1k"'],
  ['rcvbuf=8k', { bind: true }],
  ['rcvbuf=x', 'invalid rcvbuf "rcvbuf=x"'],
  ['sndbuf=1m', { bind: true }],
  ['sndbuf=', 'invalid sndbuf "sndbuf="'],
  ['ipv6only=on', { bind: true }],
  ['ipv6only=off', { bind: true, ipv6only: false }],
  ['ipv6only=oz', 'invalid ipv6only flags "oz"'],
  ['ipv6only=ON', 'invalid parameter "ipv6only=ON"'],
  ['ipv6only=x', 'invalid parameter "ipv6only=x"'],
  ['ipv6only=', 'invalid parameter "ipv6only="'],
  ['so_keepalive=on', keepalive(0, 0, 0)],
  ['so_keepalive=off', { bind: true, keepalive: 'off' }],
  ['so_keepalive=30m::10', keepalive(1800, 0, 10)],
  ['so_keepalive=1', keepalive(1, 0, 0)],
  ['so_keepalive=:5', keepalive(0, 5, 0)],
  ['so_keepalive=1:2:3', keepalive(1, 2, 3)],
  ['so_keepalive=', 'invalid so_keepalive value: ""'],
  ['so_keepalive=::', 'invalid so_keepalive value: "::"'],
  ['so_keepalive=0:0:0', 'invalid so_keepalive value: "0:0:0"'],
  ['so_keepalive=1:2:3:4', 'invalid so_keepalive value: "1:2:3:4"'],
  ['so_keepalive=30x', 'invalid so_keepalive value: "30x"'],
  ['so_keepalive=1:2:x', 'invalid so_keepalive value: "1:2:x"'],
  ['proxy_protocol bind', { bind: true, proxyProtocol: true }],
  ['reuseport', { bind: true }],
  ['reuseport reuseport', { bind: true }],
  ['reuseport=', 'invalid parameter "reuseport="'],
  ['reuseport=on', 'invalid parameter "reuseport=on"'],
  ['REUSEPORT', 'invalid parameter "REUSEPORT"'],
  ['default_server', 'invalid parameter "default_server"'],
  ['deferred', 'invalid parameter "deferred"'],
  ['fastopen=3', 'invalid parameter "fastopen=3"'],
  ['setfib=1', 'invalid parameter "setfib=1"'],
  ['SSL', 'invalid parameter "SSL"'],
  ['ssl=on', 'invalid parameter "ssl=on"'],
  ['bind=', 'invalid parameter "bind="'],
  ['=x', 'invalid parameter "=x"'],
  ['bind wrong', 'invalid parameter "wrong"'],
];

for (const [value, expected] of OPTIONS) {
  test(`listen with "${value}"`, () => assert.deepEqual(options(value), expected));
}

test('ssl is an option of the address, and needs a certificate', () => {
  assert.equal(options('ssl'), 'no "ssl_certificate" is defined for the "listen ... ssl" directive in /p/nginx.conf:1');
});

const ADDRESSES: readonly (readonly [string, readonly string[]])[] = [
  ['143', ['0.0.0.0:143']],
  ['*:143', ['0.0.0.0:143']],
  ['127.0.0.1:143-145', ['127.0.0.1:143', '127.0.0.1:144', '127.0.0.1:145']],
  ['143-144', ['0.0.0.0:143', '0.0.0.0:144']],
  ['[::1]:143-144', ['[::1]:143', '[::1]:144']],
  ['[0:0::1]:143', ['[::1]:143']],
  ['1.2.3:143', ['1.2.0.3:143']],
  ['127.0.0.1', ['127.0.0.1:0']],
  ['unix:/run/x', ['unix:/run/x']],
  ['UNIX:/run/x', ['unix:/run/x']],
  ['mail.test:143', ['192.0.2.1:143', '[2001:db8::1]:143']],
];

for (const [value, expected] of ADDRESSES) {
  test(`listen ${value}`, () => {
    assert.deepEqual(
      listens(value).map(({ address }) => formatAddress(address)),
      expected,
    );
  });
}

test('all options apply to each address of a range', () => {
  const [first, second] = listens('127.0.0.1:143-144 backlog=7 proxy_protocol');
  assert.deepEqual([first?.options.backlog, second?.options.backlog], [7, 7]);
  assert.deepEqual(first?.options, second?.options);
});
