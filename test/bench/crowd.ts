// `npm run bench:crowd`: what a login costs while very many sessions are there, and a page of the dashboard watches.
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { postern } from '../support/target.ts';
import { Bench } from './bench.ts';
import { crowdTable, type Situation } from './crowd/report.ts';
import { ROOM, Room } from './crowd/room.ts';
import { Figures } from './figures.ts';
import { type Halt, haltsOnSignals, untilHalted } from './halt.ts';
import { describeMachine, Watch } from './machine.ts';
import { FULL } from './options.ts';
import { inRounds } from './rounds.ts';
import { machineLines } from './table.ts';
import { makeTools } from './tools.ts';

const CYCLES = 3;
const ROUNDS = 5;
const WARM_UPS = 5;

const SITUATIONS: readonly Situation[] = [
  { name: 'nobody else', hasSessions: false, isWatched: false },
  { name: 'a page watches', hasSessions: false, isWatched: true },
  { name: 'sessions are there', hasSessions: true, isWatched: false },
  { name: 'sessions are there, and a page watches', hasSessions: true, isWatched: true },
];

interface Found {
  readonly situation: Situation;
  readonly costs: number[];
}

/** What a run of it starts ends with it. */
async function within<T>(run: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = new Cleanup();
  try {
    return await run(scope);
  } finally {
    await scope.run();
  }
}

/** With the sessions that are there now. @returns how many a page has seen at once */
async function takeTurns(room: Room, found: readonly Found[]): Promise<number> {
  let seen = 0;
  await inRounds(ROUNDS, found, ({ situation, costs }) =>
    within(async (scope) => {
      const viewer = situation.isWatched ? await room.watch(scope) : undefined;
      costs.push(await room.login());
      seen = Math.max(seen, viewer?.mostSessions ?? 0);
    }),
  );
  return seen;
}

/** One server all the time: two starts of the same differ by more than what is looked for. */
async function main(halt: Halt): Promise<void> {
  const unable = postern.missing();
  if (unable !== undefined) throw new Error(unable);
  const watch = new Watch();
  const found: readonly Found[] = SITUATIONS.map((situation) => ({ situation, costs: [] }));
  const [empty, full] = [false, true].map((is) => found.filter(({ situation }) => situation.hasSessions === is));
  let seen = 0;
  await within(async (scope) => {
    const options = { quick: false, sizes: FULL, only: [], json: undefined, docs: false, saveBaseline: false };
    const tools = await makeTools(scope, false);
    const bench = await Bench.start(scope, { ...options, nodeTools: false }, new Figures(), halt, tools);
    const room = await Room.open(scope, bench);
    for (let i = 0; i < WARM_UPS; i++) await room.login();
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      await takeTurns(room, empty ?? []);
      await within(async (crowd) => {
        await room.fill(crowd);
        seen = Math.max(seen, await takeTurns(room, full ?? []));
        await room.empty();
      });
      bench.say(`cycle ${cycle} of ${CYCLES}`);
    }
  });
  process.stdout.write(machineLines(describeMachine(watch.others())));
  process.stdout.write(`${ROOM.workers} workers, ${ROOM.sessions} sessions; the page has seen ${seen} at once.\n`);
  process.stdout.write(crowdTable(found));
}

await untilHalted(() => main(haltsOnSignals()));
