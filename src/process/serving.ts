// The servers of one process at work: accepts, drains, ends. A worker has one, and so has a process without a master.
import type { Server } from 'node:net';
import type { ByteString } from '../conf/directive.ts';
import type { Control } from '../control/control.ts';
import { controlModule } from '../control/module.ts';
import { ConnectionBudget } from '../core/connection-budget.ts';
import { coreModule } from '../core/core-module.ts';
import { errnoSuffix, systemError } from '../core/errno.ts';
import { eventsModule } from '../core/events-module.ts';
import { Level } from '../core/log.ts';
import { type HttpServers, httpOf } from '../http/face.ts';
import { MailRuntime } from '../mail/runtime.ts';
import type { Cycle } from '../module/cycle.ts';
import { chooseTransport } from '../net/choose-transport.ts';
import { AcceptGate } from '../net/listen/accept-gate.ts';
import type { ListeningSpec } from '../net/listen/listening.ts';
import { Loopback } from '../net/loopback/loopback.ts';
import { listenBySockets } from '../net/stream-transport.ts';
import type { ListenSource, Transport } from '../net/transport.ts';
import { statsModule } from '../stats/module.ts';
import type { Condition, ServerStatus } from '../stats/status.ts';
import type { CycleLogs } from './cycle-logs.ts';
import { FairShare, type ReportLoad } from './worker/fair-share.ts';

export interface ServingOptions {
  /** Of this package. */
  readonly version: string;
  /** Where bodies of requests go that are too large for memory, unless the configuration says. */
  readonly bodyFolder: ByteString;
  /** The number of the next connection. */
  readonly nextConnection: () => number;
  /** Of all processes that serve. */
  readonly status: ServerStatus;
  /** The same, to be seen and steered. */
  readonly control: Control;
  /** What is wrong with the handles of this Node.js, if anything. */
  readonly handleFault: string | undefined;
}

export class Serving {
  readonly logs: CycleLogs;
  readonly #mail: MailRuntime;
  readonly #http: HttpServers | undefined;
  readonly #transport: Transport;
  readonly #loopback: Loopback;
  readonly #gate = new AcceptGate();
  readonly #connections: ConnectionBudget;
  #share: FairShare | undefined;
  /** worker_shutdown_timeout in milliseconds; 0 is without limit. */
  readonly #shutdownMs: number;
  #servers: Server[] = [];
  #draining = false;
  #ended = false;
  #limit: NodeJS.Timeout | undefined;

  /** The files of the logs are to be opened after this: servers may have logs of their own. */
  constructor(cycle: Cycle, logs: CycleLogs, options: ServingOptions) {
    const { version, bodyFolder, nextConnection, status, control, handleFault } = options;
    this.logs = logs;
    const { workerShutdownTimeout, transport } = cycle.store.get(coreModule.conf);
    this.#shutdownMs = workerShutdownTimeout;
    this.#transport = chooseTransport(transport, handleFault);
    const { workerConnections, acceptMutexDelay, debugConnection } = cycle.store.get(eventsModule.conf);
    this.#connections = new ConnectionBudget({
      limit: workerConnections,
      counts: status.own,
      log: logs.log,
      delayMs: acceptMutexDelay,
      onShortage: (delayMs) => this.#pause(delayMs),
    });
    status.condition = () => this.#condition;
    const { isShown, isRemembered } = cycle.store.get(statsModule.conf);
    const steering = cycle.store.get(controlModule.conf);
    if (isShown) {
      status.keep();
      control.local.count(status.registry);
    }
    if (isRemembered) status.remember();
    this.#loopback = new Loopback(this.#transport);
    this.#mail = new MailRuntime(cycle.store, {
      transport: this.#transport,
      loopback: this.#loopback,
      log: logs.log,
      debugs: debugConnection,
      openLog: (specs) => logs.openLog(specs),
      openLines: (target) => logs.openLines(target),
      nextConnection,
      connections: this.#connections,
      loaded: (sessions) => this.#share?.count(sessions),
      stats: isShown ? status.registry : undefined,
      control: steering.isShown || steering.places.length > 0 ? control.local : undefined,
    });
    this.#http = httpOf(cycle.store)?.serve(cycle.store, {
      log: logs.log,
      version,
      debugs: debugConnection,
      openLog: (specs) => logs.openLog(specs),
      openLines: (target) => logs.openLines(target),
      bodyFolder,
      nextConnection,
      connections: this.#connections,
      status,
      control,
      mail: (address) => this.#mail.passTo(address),
    });
  }

  /** Several workers share the listening sockets: this one leaves connections to those that have fewer. */
  spread(report: ReportLoad): FairShare {
    this.#share = new FairShare(this.#gate, report);
    return this.#share;
  }

  /**
   * @param sources by the names of their addresses
   * @param others what else counts as a connection of this process
   */
  accept(sources: ReadonlyMap<string, ListenSource>, others = 0): void {
    const bound = <L extends ListeningSpec>(
      listenings: readonly L[],
      accept: (listening: L, source: ListenSource, onError: (error: Error) => void) => Server,
    ): Server[] =>
      listenings.flatMap((listening) => {
        const source = sources.get(listening.text);
        const failed = (error: Error): void => this.logs.log.write(Level.crit, acceptFailure(error, listening.text));
        return source === undefined ? [] : [accept(listening, source, failed)];
      });
    const http = this.#http?.listenings ?? [];
    this.#servers = [
      ...bound(http, listenBySockets),
      ...bound(this.#mail.listenings, (...to) => this.#transport.listen(...to)),
    ];
    this.#loopback.open(http.filter(({ text }) => sources.has(text)));
    this.#connections.occupy(this.#servers.length + others);
    this.#gate.guard(this.#servers);
    this.#mail.start();
  }

  /** Accepts nothing more; ends when the last session has. */
  quit(onEnd: () => void): void {
    if (this.#draining) return;
    this.#draining = true;
    this.logs.log.write(Level.notice, 'gracefully shutting down');
    this.#close();
    if (this.#shutdownMs > 0) this.#limit = setTimeout(() => this.#cutShort(), this.#shutdownMs);
    const parts = [this.#mail, ...(this.#http === undefined ? [] : [this.#http])];
    let left = parts.length;
    const ended = (): void => {
      left--;
      if (left === 0) this.#end(onEnd);
    };
    for (const part of parts) part.drain(ended);
  }

  /** Closes every session at once. */
  stop(onEnd: () => void): void {
    this.#close();
    this.#mail.terminate();
    this.#http?.terminate();
    this.#end(onEnd);
  }

  /** worker_shutdown_timeout has passed. */
  #cutShort(): void {
    this.#mail.shutdown();
    this.#http?.terminate();
  }

  get #condition(): Condition {
    if (this.#draining) return 'draining';
    return this.#connections.hasRoom ? 'serving' : 'full';
  }

  #close(): void {
    this.#loopback.close();
    for (const server of this.#servers) server.close();
    this.#servers = [];
    this.#share?.end();
  }

  /** What comes waits in the kernel, for this worker or another one. */
  #pause(ms: number): void {
    this.#gate.shut();
    setTimeout(() => this.#gate.open(), ms).unref();
  }

  #end(onEnd: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#limit);
    this.logs.log.write(Level.notice, 'exiting');
    this.#mail.terminate();
    this.#http?.terminate();
    onEnd();
  }
}

function acceptFailure(error: Error, listening: string): string {
  const system = systemError(error);
  const why = system === undefined ? `: ${error.message}` : ` failed${errnoSuffix(system.errno)}`;
  const call = system?.syscall === 'listen' ? 'listen()' : 'accept4()';
  return `${call}${why} while accepting new connection on ${listening}`;
}
