// One process of the product with many mail servers, and one auth server that tells the sessions apart by their user.
import { readdirSync } from 'node:fs';
import type { Scope } from '../cleanup.ts';
import { type AuthAnswer, type AuthRequest, accept, type FakeAuth, startAuth } from '../fake-auth.ts';
import {
  type BackendScript,
  type FakeBackend,
  imapBackend,
  pop3Backend,
  smtpBackend,
  startBackend,
} from '../fake-backend.ts';
import { Changes, PATIENCE_MS } from '../in-time.ts';
import { ownAddress } from '../ports.ts';
import { type MailServer, type ServerOptions, startServer } from '../server.ts';
import type { Wire } from '../wire.ts';
import { CLIENT, type Protocol, type Transport, tcp } from './transport.ts';

/** One `server` block. */
export interface Block {
  readonly protocol: Protocol;
  readonly conf?: string;
  /** Instead of the transport's `listen`. */
  readonly listen?: string;
}

export interface ArenaOptions extends Omit<ServerOptions, 'config'> {
  readonly transport?: Transport;
  /** Directives before the mail block. */
  readonly main?: string;
  /** Directives at mail level. */
  readonly conf?: string;
  readonly blocks: Readonly<Record<string, Block>>;
}

/** The answer of the auth server to one request, made when the backend's port is known. */
export type Answer = (backend: FakeBackend) => string | AuthAnswer;

export interface StageOptions {
  /** One answer per request, the last one repeats; by default everybody is let in. */
  readonly answers?: readonly Answer[];
  readonly backend?: BackendScript;
}

/** Not where the proxy listens: its free ports are to stay free until it has them. */
const ELSEWHERE = { host: ownAddress(1) };

const BACKENDS: Readonly<Record<Protocol, BackendScript>> = {
  imap: imapBackend,
  pop3: pop3Backend,
  smtp: smtpBackend,
};

const GREETINGS: Readonly<Record<Protocol, RegExp>> = {
  imap: /^\* OK IMAP4 ready\r\n$/,
  pop3: /^\+OK POP3 ready( <\d+\.\d+@mx\.example\.org>)?\r\n$/,
  smtp: /^220 mx\.example\.org ESMTP ready\r\n$/,
};

/** A record: its level, the number of its connection, and the text. */
const RECORD = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (\[[a-z]+\]) \d+#\d+: (?:\*(\d+) )?(.*)$/s;

/** One test's share of the arena: a user of its own, a backend, and what the auth server was asked about it. */
export class Stage {
  readonly user: string;
  readonly backend: FakeBackend;
  readonly requests: AuthRequest[] = [];
  readonly #answers: readonly Answer[];
  readonly #arrivals = new Changes();

  constructor(user: string, backend: FakeBackend, answers: readonly Answer[]) {
    this.user = user;
    this.backend = backend;
    this.#answers = answers;
  }

  answer(request: AuthRequest): string | AuthAnswer {
    const answer = this.#answers[this.requests.length] ?? this.#answers.at(-1) ?? accept;
    this.requests.push(request);
    this.#arrivals.tell();
    return answer(this.backend);
  }

  /** Resolves when the auth server has been asked so many times. */
  async asked(count: number): Promise<void> {
    await this.#arrivals.until(() => this.requests.length >= count, `auth request ${count} for ${this.user}`);
  }

  /** `HOST:PORT` of the backend, as the log shows it. */
  get upstream(): string {
    return `${this.backend.host}:${this.backend.port}`;
  }
}

export class Arena {
  readonly server: MailServer;
  readonly auth: FakeAuth;
  readonly transport: Transport;
  readonly #blocks: Readonly<Record<string, Block>>;
  readonly #stages = new Map<string, Stage>();
  #users = 0;

  private constructor(
    server: MailServer,
    auth: FakeAuth,
    transport: Transport,
    blocks: Readonly<Record<string, Block>>,
  ) {
    this.server = server;
    this.auth = auth;
    this.transport = transport;
    this.#blocks = blocks;
    auth.script = (request) => this.#answer(request);
  }

  static async start(scope: Scope, options: ArenaOptions): Promise<Arena> {
    const { transport = tcp, main = '', conf = '', blocks, ...rest } = options;
    const auth = await startAuth(scope, () => ({ bytes: '' }), ELSEWHERE);
    const servers = Object.entries(blocks).map(
      ([name, block]) =>
        `server { listen ${block.listen ?? transport.listen(name)}; protocol ${block.protocol}; ${block.conf ?? ''} }`,
    );
    const config = `${main}
mail {
  server_name mx.example.org; auth_http ${auth.url}; auth_http_header X-Proxy-Key "of the arena";
  ${transport.conf} ${conf}
  ${servers.join('\n  ')}
}`;
    const server = await startServer(scope, { ...rest, config });
    return new Arena(server, auth, transport, blocks);
  }

  /** A new user with a backend; every auth request that holds the user's name gets the stage's answers. */
  async stage(scope: Scope, protocol: Protocol, options: StageOptions = {}): Promise<Stage> {
    const script = options.backend ?? BACKENDS[protocol];
    const backend = await startBackend(scope, this.transport.backend?.(protocol, script) ?? script, ELSEWHERE);
    const user = `user${String(this.#users++).padStart(4, '0')}`;
    const stage = new Stage(user, backend, options.answers ?? [accept]);
    this.#stages.set(user, stage);
    return stage;
  }

  protocol(name: string): Protocol {
    const block = this.#blocks[name];
    if (block === undefined) throw new Error(`the arena has no block ${name}`);
    return block.protocol;
  }

  /** Connects to a block and reads the greeting. */
  async open(scope: Scope, name: string): Promise<Wire> {
    const protocol = this.protocol(name);
    const wire = await this.transport.open(this.server, name, protocol, GREETINGS[protocol]);
    scope.after(() => wire.destroy());
    return wire;
  }

  /** `, client: …, server: …` and what else ends the records of a session. */
  suffix(name: string, login?: string, upstream?: string): string {
    const { client, suffix, listenText } = this.transport;
    const before = `, client: ${client}${suffix}, server: ${listenText(this.server, name)}`;
    return (
      before +
      (login === undefined ? '' : `, login: "${login}"`) +
      (upstream === undefined ? '' : `, upstream: ${upstream}`)
    );
  }

  /** The record of the accept: to be asked for while the connection is open. */
  connected(name: string, wire: Wire): string {
    const { client, listenText } = this.transport;
    const from = client === 'unix:' ? client : `${CLIENT}:${wire.localPort}`;
    return `[info] client ${from} connected to ${listenText(this.server, name)}`;
  }

  /** How long the log is now: where to look for the records of a session that is yet to come. */
  logged(): number {
    return this.server.log.text().length;
  }

  /**
   * The records of a session without time and numbers, once there are as many. Fewer: those at the deadline.
   * @param since what `logged` said before it was opened: ports are used again
   */
  async records(connected: string, count: number, since: number): Promise<readonly string[]> {
    const look = (text: string): readonly string[] => recordsOf(text.slice(since), connected);
    const found = await this.server.log.waitUntil((text) => {
      const records = look(text);
      return records.length >= count ? records : undefined;
    }, PATIENCE_MS);
    return found ?? look(this.server.log.text());
  }

  /** How many descriptors the process has open. */
  descriptors(): number {
    return readdirSync(`/proc/${this.server.pid}/fd`).length;
  }

  #answer(request: AuthRequest): string | AuthAnswer | Promise<AuthAnswer> {
    const text = request.raw.toString('latin1');
    const [user = ''] = /user\d{4}/.exec(text) ?? [];
    const stage = this.#stages.get(user);
    if (stage === undefined) throw new Error(`no stage for ${text}`);
    return stage.answer(request);
  }
}

/** All records of the connection whose first record is this one. */
function recordsOf(log: string, first: string): readonly string[] {
  const records = log.split('\n').map((line) => RECORD.exec(line));
  const text = (record: RegExpExecArray | null): string => `${record?.[1]} ${record?.[3]}`;
  const number = records.find((record) => text(record) === first)?.[2];
  if (number === undefined) return [];
  return records.filter((record) => record?.[2] === number).map(text);
}
