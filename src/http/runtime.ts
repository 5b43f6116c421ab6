// The http servers of a worker: their sockets, their connections, and node:http, which parses what comes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Store } from '../conf/store.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import { Level, type Log } from '../core/log.ts';
import { Resolver } from '../core/resolver/resolver.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import type { RequestConnection } from '../net/connection.ts';
import { socketAddressOf } from '../net/endpoint.ts';
import type { ListeningSpec } from '../net/listen/listening.ts';
import { choosePort, listeningSpec, type Port, planSockets, type SocketPlan } from '../net/listen/plan.ts';
import type { LocalListening } from '../net/loopback/loopback.ts';
import type { Arrival } from '../net/transport.ts';
import { statsModule } from '../stats/module.ts';
import type { StatsRegistry } from '../stats/registry.ts';
import { type ClientSrv, clientModule } from './connection/client-module.ts';
import { HttpConnection, type HttpServices } from './connection/connection.ts';
import { Entrance } from './connection/entrance.ts';
import { HttpFlow } from './connection/flow.ts';
import { ReusableConnections } from './connection/reusable.ts';
import { HttpService } from './connection/service.ts';
import { HttpStream } from './connection/stream.ts';
import { HTTP_BLOCK, levels } from './main-conf.ts';
import type { Phases } from './phases.ts';
import { temporaryFolders } from './request/temporary-folder.ts';
import type { HttpAddress, Reached } from './servers/addresses.ts';
import { httpCoreModule } from './servers/core-module.ts';
import type { HttpWorker } from './worker.ts';

/** The sockets that the http servers of a configuration listen on. */
export const httpListenings = (store: Store): ListeningSpec[] => plans(store).map((plan) => listeningSpec(plan));

/** The logs that http servers and locations have of their own. */
export const httpErrorLogs = (store: Store): ErrorLogSpec[] =>
  levels(store.get(HTTP_BLOCK)).flatMap((level) => level.get(httpCoreModule.loc).errorLog ?? []);

export class HttpRuntime {
  readonly listenings: readonly LocalListening[];
  readonly #worker: HttpWorker;
  readonly #service: HttpService;
  /** By the bytes that the head of a request may have. */
  readonly #parsers = new Map<number, Server>();
  /** Connections that no request has come by so far. */
  readonly #entrances = new Set<Entrance>();
  readonly #flows = new Map<HttpStream, HttpFlow>();
  readonly #logs = new Map<readonly ErrorLogSpec[], Log>();
  readonly #resolvers = new Map<ResolverSpec, Resolver>();
  readonly #services: HttpServices;
  readonly #reusable: ReusableConnections;
  /** undefined: nothing shows what is counted. */
  readonly #stats: StatsRegistry | undefined;
  readonly #plainLogs = (level: Store): Log => this.#logOf(level);
  #onIdle: (() => void) | undefined;

  constructor(store: Store, phases: Phases, worker: HttpWorker) {
    this.#worker = worker;
    this.#reusable = new ReusableConnections(worker.connections, worker.log);
    this.#stats = store.get(statsModule.conf).isShown ? worker.status.registry : undefined;
    const folder = temporaryFolders(worker.bodyFolder);
    this.#services = {
      connections: worker.connections,
      status: worker.status,
      control: worker.control,
      mail: (address) => worker.mail(address),
      resolver: (spec) => this.#resolver(spec),
      temporary: (spec) => folder(spec),
    };
    this.#service = new HttpService({ phases, version: worker.version });
    const block = store.get(HTTP_BLOCK);
    for (const start of phases.starts) start(block, worker);
    for (const level of levels(block)) {
      const { errorLog, resolver } = level.get(httpCoreModule.loc);
      if (errorLog !== undefined && !this.#logs.has(errorLog)) this.#logs.set(errorLog, worker.openLog(errorLog));
      if (resolver?.statusZone !== undefined) this.#resolver(resolver); // it is shown before it is asked
    }
    this.listenings = plans(store).map((plan) => ({
      ...listeningSpec(plan),
      accept: (arrival) => this.#accept(plan, arrival),
      isTls: (local) => choosePort(plan, local).listen.options.ssl,
    }));
  }

  /** Graceful stop: calls back when the last connection has ended. */
  drain(onIdle: () => void): void {
    for (const entrance of [...this.#entrances]) entrance.drain();
    for (const flow of [...this.#flows.values()]) {
      flow.client.retire?.();
      flow.drain();
    }
    if (this.#isIdle) onIdle();
    else this.#onIdle = onIdle;
  }

  /** Fast stop, or worker_shutdown_timeout: closes everything at once. */
  terminate(): void {
    for (const entrance of [...this.#entrances]) entrance.destroy();
    for (const flow of [...this.#flows.values()]) {
      flow.client.leave?.();
      flow.destroy();
    }
    for (const resolver of this.#resolvers.values()) resolver.close();
  }

  #resolver(spec: ResolverSpec): Resolver {
    const known = this.#resolvers.get(spec);
    if (known !== undefined) return known;
    const { log, connections } = this.#worker;
    const events = spec.statusZone === undefined ? undefined : this.#stats?.resolver(spec.statusZone, 'http');
    const resolver = new Resolver({ ...spec, log, connections, events });
    this.#resolvers.set(spec, resolver);
    return resolver;
  }

  #accept(plan: SocketPlan<HttpAddress>, arrival: Arrival<RequestConnection>): void {
    const { connection: conn } = arrival;
    const local = arrival.local();
    const { server: address } = choosePort(plan, local?.address);
    const { listen } = address;
    const client = arrival.client();
    if (client === undefined && listen.address.kind === 'inet') {
      conn.destroy(); // gone before it was accepted
      return;
    }
    const { connections } = this.#worker;
    if (!connections.accept(address.text)) {
      conn.destroy();
      return;
    }
    conn.released = connections.leave;
    const services = this.#services;
    const number = this.#worker.nextConnection();
    const connection = new HttpConnection({ services, number, conn, listen, client, local });
    this.#enter(connection, address);
  }

  #enter(client: HttpConnection, address: HttpAddress): void {
    const { store } = address.defaultServer;
    const { conn } = client;
    const log = this.#logsFor(client)(store);
    const entrance = new Entrance({
      client,
      address,
      log,
      timeoutMs: store.get(clientModule.srv).clientHeaderTimeoutMs,
      entered: (reached) => {
        this.#entrances.delete(entrance);
        this.#reusable.left(client);
        this.#serve(client, reached);
      },
      ended: () => {
        this.#entrances.delete(entrance);
        this.#reusable.left(client);
        this.#left();
      },
    });
    conn.onFault = (error) => {
      log.write(Level.alert, internalError(error), entrance);
      entrance.destroy();
    };
    this.#entrances.add(entrance);
    this.#reusable.enters(client, () => entrance.destroy());
    conn.guard(() => entrance.start());
  }

  #serve(client: HttpConnection, reached: Reached): void {
    const { conn } = client;
    const { store } = reached.server;
    const logOf = this.#logsFor(client);
    const limits = store.get(clientModule.srv);
    const log = logOf(store);
    const flow = new HttpFlow({
      client,
      log,
      limits: store.get(clientModule.loc),
      headerTimeoutMs: limits.clientHeaderTimeoutMs,
      listenText: reached.address.text,
      serve: (arrived) => void this.#service.serve(client, reached, arrived, logOf),
      refuse: (broken) => void this.#service.refuse(client, reached, broken, logOf),
      moved: (phase) => this.#reusable.moved(client, phase, () => flow.destroy()),
      ended: () => this.#ended(flow),
    });
    conn.onFault = (error) => {
      log.write(Level.alert, internalError(error), flow);
      flow.destroy();
    };
    client.stream = flow.stream;
    client.abort = () => flow.abort();
    this.#flows.set(flow.stream, flow);
    this.#parser(limits).emit('connection', flow.stream);
    flow.start();
  }

  /** The log of a location, or of a server as such, with more in it where the client is looked at. */
  #logsFor(client: HttpConnection): (level: Store) => Log {
    if (this.#worker.debugs?.(socketAddressOf(client.client)) !== true) return this.#plainLogs;
    return (level) => this.#logOf(level).verbose();
  }

  #ended(flow: HttpFlow): void {
    this.#flows.delete(flow.stream);
    this.#left();
  }

  #left(): void {
    // An answer that breaks off with its connection is logged a moment later.
    if (!this.#isIdle || this.#onIdle === undefined) return;
    setImmediate(this.#onIdle);
    this.#onIdle = undefined;
  }

  get #isIdle(): boolean {
    return this.#entrances.size === 0 && this.#flows.size === 0;
  }

  #parser({ clientHeaderBufferSize, largeClientHeaderBuffers: { number, size } }: ClientSrv): Server {
    const maxHeaderSize = clientHeaderBufferSize + number * size;
    const known = this.#parsers.get(maxHeaderSize);
    if (known !== undefined) return known;
    const parser = createServer({ maxHeaderSize, requireHostHeader: false, keepAliveTimeout: 0 });
    this.#parsers.set(maxHeaderSize, parser);
    // Times are the flow's matter, and so is what becomes of a client that has closed its side.
    parser.headersTimeout = 0;
    parser.requestTimeout = 0;
    parser.maxHeadersCount = 0;
    Object.assign(parser, { httpAllowHalfOpen: true });
    parser.on('connection', (socket) => {
      const flow = this.#flowOf(socket);
      if (flow !== undefined) flow.client.asSocket = socket;
    });
    const take = (message: IncomingMessage, output: ServerResponse, expects = false): void =>
      this.#flowOf(message.socket)?.arrived(message, output, expects);
    parser.on('request', (message, output) => take(message, output));
    parser.on('checkContinue', (message, output) => take(message, output, true));
    parser.on('checkExpectation', (message, output) => take(message, output));
    parser.on('connect', (message, socket) => this.#flowOf(socket)?.connects(message));
    parser.on('clientError', (error, socket) => this.#flowOf(socket)?.failed(error));
    return parser;
  }

  #flowOf(stream: unknown): HttpFlow | undefined {
    return stream instanceof HttpStream ? this.#flows.get(stream) : undefined;
  }

  /** Of a location, or of a server as such. */
  #logOf(store: Store): Log {
    const { errorLog } = store.get(httpCoreModule.loc);
    return (errorLog === undefined ? undefined : this.#logs.get(errorLog)) ?? this.#worker.log;
  }
}

const internalError = (error: unknown): string =>
  `internal error: ${error instanceof Error ? error.message : String(error)}`;

function plans(store: Store): SocketPlan<HttpAddress>[] {
  const ports = store
    .get(HTTP_BLOCK)
    .addresses.map((address): Port<HttpAddress> => ({ listen: address.listen, server: address }));
  return planSockets(ports);
}
