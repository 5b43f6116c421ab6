import assert from 'node:assert/strict';
import test from 'node:test';
import type { ResolveResult } from '../../../../src/core/resolver/result.ts';
import { type HostResolver, resolveClientHost } from '../../../../src/mail/smtp/client-host.ts';

const TIMEOUT_MS = 30_000;
const fail = (code: number, text: string): ResolveResult<never> => ({ ok: false, code, text });
const found = <T>(value: T): ResolveResult<T> => ({ ok: true, value });

interface Case {
  readonly when: string;
  readonly clientIp?: string;
  readonly pointer: ResolveResult<string>;
  readonly forward?: ResolveResult<readonly string[]>;
  readonly host: string;
  readonly log?: string;
}

const CLIENT = '192.0.2.1';
const NAME = 'mail.example';

const CASES: readonly Case[] = [
  {
    when: 'there is no PTR record',
    pointer: fail(3, 'Host not found'),
    host: '[UNAVAILABLE]',
    log: '192.0.2.1 could not be resolved (3: Host not found)',
  },
  {
    when: 'the PTR lookup fails',
    pointer: fail(2, 'Server failure'),
    host: '[TEMPUNAVAIL]',
    log: '192.0.2.1 could not be resolved (2: Server failure)',
  },
  {
    when: 'the PTR lookup takes too long',
    pointer: fail(110, 'Operation timed out'),
    host: '[TEMPUNAVAIL]',
    log: '192.0.2.1 could not be resolved (110: Operation timed out)',
  },
  {
    when: 'the PTR name is empty',
    pointer: found(''),
    host: '[TEMPUNAVAIL]',
    log: '192.0.2.1 resolved to invalid host name ""',
  },
  {
    when: 'the PTR name has an underscore',
    pointer: found('a_b.example'),
    host: '[TEMPUNAVAIL]',
    log: '192.0.2.1 resolved to invalid host name "a_b.example"',
  },
  {
    when: 'the PTR name has a line end in it',
    pointer: found('a.example\r\nX'),
    host: '[TEMPUNAVAIL]',
    log: '192.0.2.1 resolved to invalid host name "a.example\r\nX"',
  },
  {
    when: 'the PTR name ends in a line end',
    pointer: found('a.example\n'),
    host: '[TEMPUNAVAIL]',
    log: '192.0.2.1 resolved to invalid host name "a.example\n"',
  },
  {
    when: 'the name has no addresses',
    pointer: found(NAME),
    forward: fail(3, 'Host not found'),
    host: '[UNAVAILABLE]',
    log: '"mail.example" could not be resolved (3: Host not found)',
  },
  {
    when: 'the name with a final dot has none',
    pointer: found('mail.example.'),
    forward: fail(3, 'Host not found'),
    host: '[UNAVAILABLE]',
    log: '"mail.example" could not be resolved (3: Host not found)',
  },
  {
    when: 'the forward lookup is refused',
    pointer: found(NAME),
    forward: fail(5, 'Operation refused'),
    host: '[TEMPUNAVAIL]',
    log: '"mail.example" could not be resolved (5: Operation refused)',
  },
  {
    when: 'the forward lookup takes too long',
    pointer: found(NAME),
    forward: fail(110, 'Operation timed out'),
    host: '[TEMPUNAVAIL]',
    log: '"mail.example" could not be resolved (110: Operation timed out)',
  },
  {
    when: 'the name has other addresses',
    pointer: found(NAME),
    forward: found(['192.0.2.2', '::192.0.2.1']),
    host: '[UNAVAILABLE]',
  },
  { when: 'the name has the address', pointer: found(NAME), forward: found(['::1', CLIENT]), host: NAME },
  {
    when: 'the name has the IPv6 address in another form',
    clientIp: '2001:db8::1',
    pointer: found(NAME),
    forward: found(['2001:0DB8:0:0:0:0:0:0001']),
    host: NAME,
  },
  {
    when: 'the client has an IPv4 address in IPv6 form, the name the same as IPv4',
    clientIp: '::ffff:192.0.2.1',
    pointer: found(NAME),
    forward: found([CLIENT]),
    host: '[UNAVAILABLE]',
  },
];

for (const { when, clientIp = CLIENT, pointer, forward, host, log } of CASES) {
  test(`the client host is ${host} when ${when}`, async () => {
    const steps: string[] = [];
    const resolver: HostResolver = {
      resolveAddress: async (ip, ms) => {
        steps.push(`PTR ${ip} ${ms}`);
        return pointer;
      },
      resolveName: async (name, ms) => {
        steps.push(`A ${name} ${ms}`);
        return forward ?? fail(2, 'not expected');
      },
    };
    const lines: string[] = [];
    const result = await resolveClientHost({
      resolver,
      clientIp,
      timeoutMs: TIMEOUT_MS,
      onStage: (action) => steps.push(action),
      logError: (text) => lines.push(`${text} while ${steps.findLast((step) => step.startsWith('in '))}`),
    });
    const stage = forward === undefined ? 'in resolving client address' : 'in resolving client hostname';
    assert.equal(result, host);
    assert.deepEqual(lines, log === undefined ? [] : [`${log} while ${stage}`]);
    const first = ['in resolving client address', `PTR ${clientIp} ${TIMEOUT_MS}`];
    const second = ['in resolving client hostname', `A ${pointer.ok ? pointer.value : ''} ${TIMEOUT_MS}`];
    assert.deepEqual(steps, forward === undefined ? first : [...first, ...second]);
  });
}

const never = (): never => {
  throw new Error('nothing should be looked up');
};
const unused: HostResolver = { resolveAddress: never, resolveName: never };
const quiet = { timeoutMs: TIMEOUT_MS, onStage: never, logError: never };

test('without a resolver the client host is [UNAVAILABLE], and nothing is looked up', async () => {
  assert.equal(await resolveClientHost({ ...quiet, resolver: undefined, clientIp: CLIENT }), '[UNAVAILABLE]');
});

test('for a client on a unix socket it is [TEMPUNAVAIL], and nothing is looked up', async () => {
  assert.equal(await resolveClientHost({ ...quiet, resolver: unused, clientIp: undefined }), '[TEMPUNAVAIL]');
});

for (const [stage, name] of [
  ['PTR', undefined],
  ['PTR', 'a_b.example'],
  ['PTR', NAME],
  ['forward', NAME],
] as const) {
  test(`a session that ends during the ${stage} lookup logs nothing (${name ?? 'no name'})`, async () => {
    const abort = new AbortController();
    const end = <T>(result: ResolveResult<T>): ResolveResult<T> => {
      abort.abort();
      return result;
    };
    const canceled = fail(125, 'Operation canceled');
    const pointer = name === undefined ? canceled : found(name);
    const resolver: HostResolver = {
      resolveAddress: async () => (stage === 'PTR' ? end(pointer) : pointer),
      resolveName: async () => (stage === 'forward' ? end(canceled) : never()),
    };
    const request = { resolver, clientIp: CLIENT, timeoutMs: TIMEOUT_MS, signal: abort.signal };
    const host = await resolveClientHost({ ...request, onStage: () => {}, logError: never });
    assert.equal(host, '[TEMPUNAVAIL]');
  });
}
