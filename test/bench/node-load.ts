// The clients of the benchmark on Node.js, where there is no C compiler or no libssl; native/load.c says what they do.
import { argumentsOf } from './node-arguments.ts';
import { Client, type ClientOptions, type Failure } from './node-client.ts';

const { text, number } = argumentsOf(process.argv.slice(2));
const mode = text('mode');
const works = ['ping', 'down', 'up'].includes(mode);
const count = works ? number('clients', 1) : number('count', mode === 'login' ? 0 : 1);
const options: ClientOptions = {
  host: text('host'),
  port: number('port', 0),
  protocol: text('protocol'),
  tls: text('tls'),
  logsIn: mode !== 'greet' && number('login', 1) === 1,
  sessions: number('resume', 0) === 1 ? new Map() : undefined,
};
const PIECE = Buffer.alloc(256 * 1024, 'x');
const RETRY_MS = 1;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const microseconds = (since: bigint): number => Number((process.hrtime.bigint() - since) / 1000n);

class Load {
  readonly #held: Client[] = [];
  readonly #samples: number[] = [];
  readonly #failures: Record<Failure, number> = { refused: 0, lost: 0, denied: 0 };
  #good = 0;
  #resumed = 0;
  #begun = 0;
  #enough = false;
  #until = Number.POSITIVE_INFINITY;

  enough(): void {
    this.#enough = true;
  }

  #open(lane: number): Promise<Client | undefined> {
    return new Promise((resolve) => {
      const client: Client = new Client(options, lane, (failure) => {
        if (failure === undefined) this.#good++;
        else this.#failures[failure]++;
        resolve(failure === undefined ? client : undefined);
      });
    });
  }

  async #lane(lane: number): Promise<void> {
    while (!this.#enough && (count === 0 || this.#begun < count) && performance.now() < this.#until) {
      this.#begun++;
      const client = await this.#open(lane);
      if (client === undefined) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      else {
        this.#samples.push(microseconds(client.since));
        if (client.resumed) this.#resumed++;
        client.socket.end();
      }
    }
  }

  async #hold(): Promise<void> {
    while (this.#begun < count) {
      const client = await this.#open(this.#begun++);
      if (client !== undefined) this.#held.push(client);
    }
  }

  async #greet(): Promise<void> {
    for (;;) {
      const client = await this.#open(0);
      if (client !== undefined) {
        say(`at ${process.hrtime.bigint()}`);
        client.socket.resetAndDestroy();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #abreast(one: (lane: number) => Promise<void>): Promise<unknown> {
    return Promise.all(Array.from({ length: number('abreast', 1) }, (_, lane) => one(lane)));
  }

  async prepare(): Promise<void> {
    if (works) await this.#abreast(() => this.#hold());
  }

  async run(): Promise<void> {
    const began = performance.now();
    if (number('ms', 0) > 0) this.#until = began + number('ms', 0);
    if (works) await Promise.all(this.#held.map(work));
    else if (mode === 'greet') await this.#greet();
    else await this.#abreast((lane) => (mode === 'hold' ? this.#hold() : this.#lane(lane)));
    say(`ms ${performance.now() - began}`);
    say(`good ${this.#good}`);
    for (const [name, times] of Object.entries(this.#failures)) say(`${name} ${times}`);
    say(`resumed ${this.#resumed}`);
    const sorted = this.#samples.toSorted((a, b) => a - b);
    if (sorted.length > 0)
      for (const part of [50, 99]) say(`p${part} ${sorted[Math.round((part / 100) * (sorted.length - 1))]}`);
    say('end');
  }

  leave(): void {
    say(`alive ${this.#held.filter((client) => client.alive).length}`);
    for (const { socket } of this.#held) socket.resetAndDestroy();
  }
}

/** Commands, or bytes down or up, on a session that is in. */
function work({ socket }: Client): Promise<void> {
  const bytes = number('bytes', 1);
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('a session was lost')));
    let left = mode === 'down' ? bytes : mode === 'ping' ? number('count', 1) : 1;
    socket.on('data', (chunk: Buffer) => {
      if (mode === 'down') left -= chunk.length;
      else if (chunk.at(-1) === 10) left--;
      if (left === 0) resolve();
      else if (mode === 'ping') socket.write('x NOOP\r\n');
    });
    if (mode === 'ping') socket.write('x NOOP\r\n');
    else socket.write(`${mode === 'down' ? 'D' : 'U'} ${bytes}\r\n`);
    const push = (rest: number): void => {
      if (rest > 0) socket.write(PIECE.subarray(0, rest), () => push(rest - Math.min(rest, PIECE.length)));
    };
    if (mode === 'up') push(bytes);
  });
}

const load = new Load();
let started = false;
process.stdin.on('data', () => {
  if (started) load.enough();
  else {
    started = true;
    void load.run();
  }
});
process.stdin.on('close', () => {
  load.leave();
  process.exit();
});
await load.prepare();
say('ready');
