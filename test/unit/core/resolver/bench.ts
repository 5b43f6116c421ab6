// A resolver under test with its fake name servers and the lines that it logs; cleaned up after the test.
import type { TestContext } from 'node:test';
import type { Answer } from 'dns-packet';
import { Level, Log } from '../../../../src/core/log.ts';
import { Resolver, type ResolverOptions } from '../../../../src/core/resolver/resolver.ts';
import { FakeDns } from '../../../support/fake-dns.ts';
import { Changes } from '../../../support/in-time.ts';

/** Long enough for any machine: a test that reaches it has failed. */
export const PATIENCE_MS = 10_000;

export const a = (data: string, ttl = 60, name = 'owner.example'): Answer => ({ type: 'A', name, ttl, data });
export const aaaa = (data: string, ttl = 60): Answer => ({ type: 'AAAA', name: 'owner.example', ttl, data });
export const cname = (data: string, ttl = 60): Answer => ({ type: 'CNAME', name: 'owner.example', ttl, data });
export const ptr = (data: string, ttl = 60): Answer => ({ type: 'PTR', name: 'owner.example', ttl, data });

/** Collects the lines of a log, without time and process id: `[error] text`. */
export class LogLines {
  readonly lines: string[] = [];
  readonly log: Log;
  readonly #changes = new Changes();

  constructor() {
    const write = (record: Buffer): void => {
      const [, level, text] = /(\[\w+\]) \d+#0: (.*)\n$/s.exec(record.toString('latin1')) ?? [];
      this.lines.push(`${level} ${text}`);
      this.#changes.tell();
    };
    this.log = new Log([{ sink: { write }, level: Level.error }]);
  }

  /** Resolves when there are that many lines. */
  async count(lines: number): Promise<void> {
    await this.#changes.until(() => this.lines.length >= lines, `log line ${lines}`);
  }
}

export interface Bench extends LogLines {
  readonly resolver: Resolver;
  readonly dns: FakeDns;
  readonly servers: readonly FakeDns[];
}

export interface BenchOptions extends Partial<ResolverOptions> {
  /** How many name servers. */
  readonly count?: number;
}

export async function bench(t: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const { count = 1, ...own } = options;
  const dns = await FakeDns.start();
  const servers = [dns];
  while (servers.length < count) servers.push(await FakeDns.start());
  const logLines = new LogLines();
  const resolver = new Resolver({
    servers: servers.map(({ port }) => ({ address: '127.0.0.1', port, text: `127.0.0.1:${port}` })),
    ipv4: true,
    ipv6: true,
    validMs: undefined,
    log: logLines.log,
    ...own,
  });
  t.after(async () => {
    resolver.close();
    await Promise.all(servers.map((server) => server.close()));
  });
  return Object.assign(logLines, { resolver, dns, servers });
}

/** Holds an answer of a fake server back until the test opens it. */
export class Gate {
  readonly opened: Promise<void>;
  #open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }
}
