// The words of ssl_session_cache. The golden cases hold more of its messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfCursor, ConfError, Fault } from '../../../../src/conf/directive.ts';
import { Store } from '../../../../src/conf/store.ts';
import { sharedZonesModule } from '../../../../src/core/shared-zones.ts';
import { sessionCacheDirective } from '../../../../src/net/tls/session-cache-directive.ts';
import type { SessionCache } from '../../../../src/net/tls/settings.ts';
import { MemoryEnvironment } from '../../../support/memory-environment.ts';
import { serverStores } from '../../mail/doubles.ts';

const directive = sessionCacheDirective(['mail'], 'mail ssl');

/** What several directives of one level leave, or the message. */
function cache(...directives: readonly string[]): SessionCache | string | undefined {
  const store = new Store();
  sharedZonesModule.create(store);
  const cf: ConfCursor = {
    env: new MemoryEnvironment(),
    context: 'mail',
    store,
    position: { file: '/p/nginx.conf', line: 1 },
    warn: assert.fail,
    noEffect: assert.fail,
    entries: () => assert.fail(),
    block: assert.fail,
    confPath: assert.fail,
    prefixPath: assert.fail,
  };
  const conf: { sessionCache: SessionCache | undefined } = { sessionCache: undefined };
  for (const words of directives) {
    const fault = directive.set(cf, words.split(' '), conf);
    if (fault instanceof Fault) return fault.text;
  }
  return conf.sessionCache;
}

const shared = { name: 'one', bytes: 1_048_576 };

test('off and none', () => {
  assert.deepEqual(cache('off'), { kind: 'off' });
  assert.deepEqual(cache('none'), { kind: 'none' });
});

test('builtin and shared add up, within a directive and over several', () => {
  const both = { kind: 'cache', builtin: 20480, shared };
  assert.deepEqual(cache('builtin'), { kind: 'cache', builtin: 20480, shared: undefined });
  assert.deepEqual(cache('builtin:100'), { kind: 'cache', builtin: 100, shared: undefined });
  assert.deepEqual(cache('shared:one:1m'), { kind: 'cache', builtin: undefined, shared });
  assert.deepEqual(cache('builtin shared:one:1m'), both);
  assert.deepEqual(cache('shared:one:1m', 'builtin'), both);
});

test('off behind a cache switches it off, a cache behind off is one', () => {
  assert.deepEqual(cache('shared:one:1m', 'off'), { kind: 'off' });
  assert.deepEqual(cache('off', 'builtin:1'), { kind: 'cache', builtin: 1, shared: undefined });
});

test('words that are none', () => {
  for (const word of [
    'on',
    'builtin:',
    'builtin:x',
    'shared',
    'shared:',
    'shared:one',
    'shared::1m',
    'shared:one:x',
    'shared:a:1m:b',
    'OFF',
  ]) {
    assert.equal(cache(word), `invalid session cache "${word}"`);
  }
});

test('a zone of fewer than eight pages is too small', () => {
  assert.equal(cache('shared:one:32767'), 'session cache "shared:one:32767" is too small');
  assert.deepEqual(cache('shared:one:32768'), {
    kind: 'cache',
    builtin: undefined,
    shared: { name: 'one', bytes: 32_768 },
  });
});

test('a zone has one size, wherever it is named', () => {
  assert.equal(
    cache('shared:one:1m', 'shared:one:2m'),
    'the size 2097152 of shared memory zone "one" conflicts with already declared size 1048576',
  );
  const servers = ['1m', '2m'].map(
    (size, i) => `server { listen 127.0.0.${i}:143; ssl_session_cache shared:one:${size}; }`,
  );
  assert.throws(
    () => serverStores(`auth_http 127.0.0.1:9; ${servers.join(' ')}`),
    (error) => error instanceof ConfError && /conflicts with already declared size 1048576/.test(error.message),
  );
});
