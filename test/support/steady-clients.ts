// Clients of IMAP that work all the time, and notice whatever disturbs them; and backends that say which one they are.
import assert from 'node:assert/strict';
import type { BackendScript } from './fake-backend.ts';
import { Changes } from './in-time.ts';
import type { MailServer } from './server.ts';
import type { Wire } from './wire.ts';

const COMMANDS = 2;
/** Longer than a test: waits of clients that are held, or wait for news. */
const LONG_MS = 300_000;

/** Lets everybody in, says by which name, and tells those that idle of news. */
export class NewsBackend {
  readonly name: string;
  readonly #idle = new Set<Wire>();

  constructor(name: string) {
    this.name = name;
  }

  readonly script: BackendScript = async (peer) => {
    await peer.send('* OK backend\r\n');
    const [, tag] = await peer.match(/^(\S+) LOGIN .*\r\n/, LONG_MS);
    await peer.send(`${tag} OK ${this.name}\r\n`);
    for (;;) {
      const [, again = '', verb = ''] = await peer.match(/^(\S+) ?(\S*)\r\n/, LONG_MS);
      if (verb === 'IDLE') {
        await peer.send('+ idling\r\n');
        this.#idle.add(peer);
      } else if (again === 'DONE') {
        this.#idle.delete(peer);
        await peer.send(`i OK ${this.name}\r\n`);
      } else if (verb === 'LOGOUT') {
        await peer.send(`* BYE\r\n${again} OK ${this.name}\r\n`);
        return;
      } else await peer.send(`${again} OK ${this.name}\r\n`);
    }
  };

  tellNews(): void {
    for (const peer of this.#idle) if (peer.ending === 'open') void peer.send('* 1 EXISTS\r\n');
  }
}

/** Logs in. @returns the session, and the backend that it came to */
export async function enter(server: MailServer, user: string): Promise<{ readonly wire: Wire; readonly at: string }> {
  const wire = await server.connect('imap', { record: false });
  try {
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send(`a LOGIN ${user} secret\r\n`);
    const line = await wire.line(LONG_MS);
    const [, at = ''] = /^a OK (\S+)\r\n$/.exec(line) ?? [];
    assert.notEqual(at, '', `${user} got ${line}`);
    return { wire, at };
  } catch (error) {
    wire.destroy();
    throw error;
  }
}

export async function leave(wire: Wire, at: string): Promise<void> {
  await wire.send('z LOGOUT\r\n');
  await wire.expectBytes(`* BYE\r\nz OK ${at}\r\n`);
  await wire.closed();
  wire.destroy();
}

/** One that logs in, works and logs out again and again, or, where it is idle, waits for news in one session. */
export class SteadyClient {
  readonly user: string;
  readonly isIdle: boolean;
  /** Sessions that have gone well, from connecting to the end. */
  sessions = 0;
  /** Rounds of work, or pieces of news. */
  rounds = 0;
  readonly backends = new Set<string>();
  /** What has disturbed it: nothing, where nobody meant it. */
  readonly faults: string[] = [];
  readonly #server: MailServer;
  readonly #changes = new Changes();
  #wire: Wire | undefined;
  #isOver = false;

  constructor(server: MailServer, user: string, isIdle: boolean) {
    this.#server = server;
    this.user = user;
    this.isIdle = isIdle;
  }

  /** Until it is told to end; an idle one also ends when its session does. */
  async run(): Promise<void> {
    do {
      try {
        const { wire, at } = await enter(this.#server, this.user);
        this.#wire = wire;
        this.backends.add(at);
        if (this.isIdle) await this.#idles(wire, at);
        else await this.#works(wire, at);
        await leave(wire, at);
        this.sessions++;
        if (!this.isIdle) this.#progress();
      } catch (error) {
        this.faults.push(error instanceof Error ? error.message : String(error));
        this.#changes.tell();
      } finally {
        this.#wire?.destroy();
      }
    } while (!this.#isOver && !this.isIdle);
  }

  end(): void {
    this.#isOver = true;
    if (this.isIdle && this.#wire?.ending === 'open') void this.#wire.send('DONE\r\n');
  }

  /** It has done something since it had done so much. */
  async goesOn(rounds: number): Promise<void> {
    const { length } = this.faults;
    const isOver = (): boolean => this.rounds > rounds || this.faults.length > length;
    await this.#changes.until(isOver, `${this.user} to go on`);
    assert.deepEqual(this.faults.slice(length), [], this.user);
  }

  async #works(wire: Wire, at: string): Promise<void> {
    for (let i = 0; i < COMMANDS; i++) {
      await wire.send(`c${i} NOOP\r\n`);
      await wire.expectLine(`c${i} OK ${at}\r\n`);
    }
  }

  async #idles(wire: Wire, at: string): Promise<void> {
    await wire.send('i IDLE\r\n');
    await wire.expectLine('+ idling\r\n');
    for (;;) {
      this.#progress();
      const line = await wire.line(LONG_MS);
      if (line === `i OK ${at}\r\n`) return;
      assert.equal(line, '* 1 EXISTS\r\n');
    }
  }

  #progress(): void {
    this.rounds++;
    this.#changes.tell();
  }
}
