// One run of the benchmark: what it has, and the loads that it puts on servers.
import type { Scope } from '../support/cleanup.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import type { Figures } from './figures.ts';
import type { Halt } from './halt.ts';
import type { Options } from './options.ts';
import type { Door } from './proxy.ts';
import { type Arguments, Tool } from './tool.ts';
import type { Tools } from './tools.ts';

export interface Places {
  readonly host: string;
  readonly auth: number;
  /** Of the backend. */
  readonly imap: number;
}

export class Bench {
  readonly options: Options;
  readonly figures: Figures;
  readonly halt: Halt;
  readonly places: Places;
  readonly #tools: Tools;

  private constructor(options: Options, figures: Figures, halt: Halt, tools: Tools, places: Places) {
    this.options = options;
    this.figures = figures;
    this.halt = halt;
    this.places = places;
    this.#tools = tools;
  }

  /** Starts the auth server and the backend, for all that follows. */
  static async start(scope: Scope, options: Options, figures: Figures, halt: Halt, tools: Tools): Promise<Bench> {
    const host = ownAddress();
    const [auth, imap, pop3, smtp] = [await port(host), await port(host), await port(host), await port(host)];
    const backends = { imap, pop3, smtp };
    await Tool.start(scope, halt, tools.backend, { host, ...backends });
    await Tool.start(scope, halt, tools.auth, { host, port: auth, backend: host, ...backends });
    return new Bench(options, figures, halt, tools, { host, auth, imap });
  }

  /** A load that is ready; it ends with the scope. */
  load(scope: Scope, door: Door, args: Arguments): Promise<Tool> {
    const { host, port, protocol, tls } = door;
    const command = tls === undefined ? this.#tools.load : this.#tools.tlsLoad;
    return Tool.start(scope, this.halt, command, {
      host,
      port,
      protocol,
      ...(tls === undefined ? {} : { tls }),
      ...args,
    });
  }

  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

const port = (host: string): Promise<number> => freePort(host);
