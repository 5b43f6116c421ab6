// The load, as a process of its own: takes orders over IPC, one at a time, and answers each.
import { latin1 } from '../support/bytes.ts';
import { Client } from './client.ts';
import { arrival, login, logout } from './dialogues.ts';
import { type Answer, type Door, ENOUGH, type Order } from './orders.ts';

const MAX_FAILURES = 400;
/** Connections being opened at once: less than a listener's backlog. */
const OPENING = 100;

class Tally {
  good = 0;
  bytes = 0;
  readonly failures: string[] = [];

  async count(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.good++;
    } catch (error) {
      if (this.failures.length < MAX_FAILURES) this.failures.push(String(error));
    }
  }

  get answer(): Answer {
    return { good: this.good, bytes: this.bytes, failures: this.failures };
  }
}

class Load {
  #held: Client[] = [];
  /** Bytes that the connections took of a flood. */
  #flooded = 0;
  #enough = false;

  enough(): void {
    this.#enough = true;
  }

  async carryOut(order: Order): Promise<Answer> {
    const tally = new Tally();
    switch (order.kind) {
      case 'log-in':
        await this.#logIn(tally, order.doors, order.clients, order.times);
        break;
      case 'hold':
        await this.#hold(tally, order.doors, order.count, order.user);
        break;
      case 'stick':
        await this.#stick(latin1(order.text), order.times);
        break;
      case 'look':
        tally.good = this.#held.filter((client) => !client.isClosed).length;
        tally.bytes = this.#flooded;
        break;
      case 'let-go':
        await this.#letGo(tally, order.by);
        break;
      default:
        order satisfies never;
    }
    return tally.answer;
  }

  async #logIn(tally: Tally, doors: readonly Door[], clients: number, times: number): Promise<void> {
    this.#enough = false;
    const one = async (number: number): Promise<void> => {
      for (let i = 0; i < times && !this.#enough; i++) {
        const door = at(doors, number + i);
        await tally.count(async () => {
          const client = new Client(door, door.security);
          await client.run([
            ...arrival(door.protocol, door.security),
            ...login(door.protocol, `user${number}`),
            ...logout(door.protocol),
          ]);
          await client.leave();
        });
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, number) => one(number)));
  }

  async #hold(tally: Tally, doors: readonly Door[], count: number, user: string | undefined): Promise<void> {
    let next = 0;
    const open = async (): Promise<void> => {
      while (next < count) {
        const door = at(doors, next++);
        await tally.count(async () => {
          const client = new Client(door, door.security);
          this.#held.push(client);
          await client.run(arrival(door.protocol, door.security));
          if (user !== undefined) await client.run(login(door.protocol, user));
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, OPENING) }, open));
  }

  /** Done when everybody's first text is on its way. */
  async #stick(text: Buffer, times: 'once' | 'forever'): Promise<void> {
    for (const client of this.#held) client.stopReading();
    await Promise.all(this.#held.map((client) => client.write(text)));
    this.#flooded = 0;
    if (times === 'once') return;
    for (const client of this.#held) {
      client.flood(text, (taken) => {
        this.#flooded += taken;
      });
    }
  }

  async #letGo(tally: Tally, by: 'fin' | 'reset'): Promise<void> {
    const lost = this.#held.filter((client) => client.isClosed).length;
    if (lost > 0) tally.failures.push(`${lost} of the held sessions had been closed`);
    await Promise.all(this.#held.map((client) => tally.count(() => (by === 'fin' ? client.leave() : client.reset()))));
    this.#held = [];
  }
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('an order without doors');
  return item;
}

const load = new Load();
process.on('message', (order: Order | typeof ENOUGH) => {
  if (order === ENOUGH) {
    load.enough();
    return;
  }
  load.carryOut(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ good: 0, bytes: 0, failures: [String(error)] } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit());
