// The behaviour of the proxy, the same over every transport: what client, auth server and backend see, byte for byte.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { show } from '../bytes.ts';
import { Cleanup } from '../cleanup.ts';
import { Arena, type Block, type Stage } from './arena.ts';
import { SPEC_BLOCKS, type SpecCase } from './case.ts';
import { imapAnswers } from './imap-answers.ts';
import { imapCommands } from './imap-commands.ts';
import { imapLogins } from './imap-logins.ts';
import { pop3Commands } from './pop3-commands.ts';
import { pop3Logins } from './pop3-logins.ts';
import { expectedRequest } from './request.ts';
import { smtpAnswers } from './smtp-answers.ts';
import { smtpCommands } from './smtp-commands.ts';
import { smtpLogins } from './smtp-logins.ts';
import { play, toTheEnd } from './transcript.ts';
import type { Transport } from './transport.ts';
import { variableCases } from './variable.ts';

const CASES: readonly SpecCase[] = [
  ...imapCommands,
  ...imapLogins,
  ...imapAnswers,
  ...pop3Commands,
  ...pop3Logins,
  ...smtpCommands,
  ...smtpLogins,
  ...smtpAnswers,
];

/** What is run, and in which servers. */
export interface Suite {
  readonly blocks: Readonly<Record<string, Block>>;
  readonly cases: readonly SpecCase[];
  readonly checks: typeof variableCases;
}

/** What nginx has too. */
const OF_NGINX: Suite = { blocks: SPEC_BLOCKS, cases: CASES, checks: variableCases };

export interface SpecRun {
  readonly transport: Transport;
  /** The client sends in segments of so many bytes. */
  readonly piece?: number;
}

/** Runs the spec once for each, side by side; the processes are started one by one, for the sake of their ports. */
export function mailServerSpecs(title: string, runs: readonly SpecRun[], suite = OF_NGINX): void {
  describe(title, { concurrency: 8 }, () => {
    const scope = new Cleanup();
    const arenas = new Map<SpecRun, Arena>();
    before(async () => {
      for (const run of runs) {
        arenas.set(run, await Arena.start(scope, { transport: run.transport, blocks: suite.blocks }));
      }
    });
    after(() => scope.run());
    for (const run of runs) {
      mailServerSpec(run, suite, () => {
        const arena = arenas.get(run);
        assert.ok(arena !== undefined);
        return arena;
      });
    }
  });
}

function mailServerSpec({ transport, piece }: SpecRun, { cases, checks }: Suite, arena: () => Arena): void {
  const pieces = piece === undefined ? '' : `, in segments of ${piece} byte`;
  describe(`over ${transport.name}${pieces}`, { concurrency: 16 }, () => {
    for (const spec of cases) {
      if (piece !== undefined && spec.whole === true) continue;
      test(`${spec.protocol}: ${spec.name}`, (t) => run(t, arena(), spec, piece));
    }
    for (const [name, check] of checks) test(name, (t) => check(t, arena()));
  });
}

async function run(t: TestContext, arena: Arena, spec: SpecCase, piece: number | undefined): Promise<void> {
  const { client } = arena.transport;
  const address = client.includes(':') && client !== 'unix:' ? `IPV6:${client}` : client;
  // Where nobody is to be asked, an auth request finds nobody who answers.
  const nobody = spec.script({ user: 'nobody', address });
  const stage = nobody.asks === undefined ? undefined : await arena.stage(t, spec.protocol, spec);
  const { lines, asks = [], sees } = stage === undefined ? nobody : spec.script({ user: stage.user, address });
  const wire = await arena.open(t, spec.block);
  await play(wire, toTheEnd(spec.protocol, lines), piece);
  if (stage === undefined) return;
  const asked = stage.requests.map((request) => show(request.raw));
  assert.deepEqual(
    asked,
    asks.map((a) => show(expectedRequest(arena, spec.protocol, wire, a))),
    'the auth server was asked',
  );
  await backendSaw(stage, sees);
}

/** At most one connection, and exactly these bytes over it. */
async function backendSaw(stage: Stage, bytes: string | undefined): Promise<void> {
  assert.equal(stage.backend.peers.length, bytes === undefined ? 0 : 1, 'connections to the backend');
  const [peer] = stage.backend.peers;
  if (peer === undefined || bytes === undefined) return;
  await peer.closed();
  assert.equal(show(peer.received), show(bytes), 'the backend saw');
}
