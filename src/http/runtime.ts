// The http servers of a worker: their sockets, their connections, and node:http between the two.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Store } from '../conf/store.ts';
import { formatAddress } from '../core/address.ts';
import type { ConnectionBudget } from '../core/connection-budget.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import type { Log } from '../core/log.ts';
import { Resolver } from '../core/resolver/resolver.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import { endpointOf } from '../net/endpoint.ts';
import type { Listening, ListeningSpec } from '../net/listen/listening.ts';
import { choosePort, listeningSpec, type Port, planSockets, type SocketPlan } from '../net/listen/plan.ts';
import type { HttpAddress, ServerEntry } from './addresses.ts';
import { answer } from './answer.ts';
import { HttpConnection, type HttpServices } from './connection.ts';
import { httpCoreModule } from './core-module.ts';
import { receive } from './incoming.ts';
import { HTTP_BLOCK } from './main-conf.ts';
import type { Phases } from './phases.ts';
import type { HttpRequest } from './request.ts';

/** The sockets that the http servers of a configuration listen on. */
export const httpListenings = (store: Store): ListeningSpec[] => plans(store).map((plan) => listeningSpec(plan));

/** The logs that http servers and locations have of their own. */
export const httpErrorLogs = (store: Store): ErrorLogSpec[] =>
  store.get(HTTP_BLOCK).stores.flatMap((level) => level.get(httpCoreModule.loc).errorLog ?? []);

/** What a worker lends to its http servers. */
export interface HttpWorker {
  /** The main context's log. */
  readonly log: Log;
  openLog(specs: readonly ErrorLogSpec[]): Log;
  /** The next connection's number; mail and http share them. */
  nextConnection(): number;
  /** worker_connections. */
  readonly connections: ConnectionBudget;
}

/** 4 large_client_header_buffers of 8k. */
const MAX_HEADER_BYTES = 32_768;
const MAX_HEADERS = 1000;
const HEADER_TIMEOUT_MS = 60_000;

interface Client {
  readonly connection: HttpConnection;
  /** By which it came in. */
  readonly address: HttpAddress;
}

export class HttpRuntime {
  readonly listenings: readonly Listening[];
  readonly #worker: HttpWorker;
  readonly #phases: Phases;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Client>();
  readonly #logs = new Map<readonly ErrorLogSpec[], Log>();
  readonly #resolvers = new Map<ResolverSpec, Resolver>();
  readonly #services: HttpServices;
  #onIdle: (() => void) | undefined;

  constructor(store: Store, phases: Phases, worker: HttpWorker) {
    this.#worker = worker;
    this.#phases = phases;
    this.#services = { connections: worker.connections, resolver: (spec) => this.#resolver(spec) };
    this.listenings = plans(store).map((plan) => ({
      ...listeningSpec(plan),
      accept: (socket) => this.#accept(plan, socket),
    }));
    this.#server = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false, keepAliveTimeout: 0, noDelay: true },
      (message, output) => void this.#request(message, output),
    );
    this.#server.maxHeadersCount = MAX_HEADERS;
    this.#server.headersTimeout = HEADER_TIMEOUT_MS;
    this.#server.requestTimeout = 0;
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Graceful stop: calls back when the last connection has ended. */
  drain(onIdle: () => void): void {
    this.#onIdle = onIdle;
    for (const { connection } of this.#connections.values()) {
      connection.closing = true;
      if (!connection.busy) connection.socket.destroy();
    }
    if (this.#connections.size === 0) onIdle();
  }

  /** Fast stop: closes everything at once. */
  terminate(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
    for (const resolver of this.#resolvers.values()) resolver.close();
  }

  #resolver(spec: ResolverSpec): Resolver {
    const { log, connections } = this.#worker;
    const resolver = this.#resolvers.get(spec) ?? new Resolver({ ...spec, log, connections });
    this.#resolvers.set(spec, resolver);
    return resolver;
  }

  #accept(plan: SocketPlan<HttpAddress>, socket: Socket): void {
    const local = endpointOf(socket.localAddress, socket.localPort);
    const { server: address } = choosePort(plan, local?.address);
    const client = endpointOf(socket.remoteAddress, socket.remotePort);
    if (client === undefined && address.listen.address.kind === 'inet') {
      socket.destroy(); // gone before it was accepted
      return;
    }
    const { connections } = this.#worker;
    if (!connections.accept(formatAddress(address.listen.address))) {
      socket.destroy();
      return;
    }
    const connection = new HttpConnection({
      services: this.#services,
      number: this.#worker.nextConnection(),
      socket,
      listen: address.listen,
      client,
      local,
    });
    this.#connections.set(socket, { connection, address });
    socket.on('close', () => {
      connections.release();
      this.#connections.delete(socket);
      if (this.#connections.size === 0) this.#onIdle?.();
    });
    this.#server.emit('connection', socket);
    socket.resume(); // accepted connections come paused
  }

  async #request(message: IncomingMessage, output: ServerResponse): Promise<void> {
    const known = this.#connections.get(message.socket);
    if (known === undefined) {
      message.socket.destroy();
      return;
    }
    const { connection: client, address } = known;
    client.busy = true;
    message.socket.setTimeout(0);
    client.requests++;
    output.once('close', () => this.#answered(client));
    const { request, refused } = receive(client, address, message, output, (entry) => this.#logOf(entry));
    let outcome: number | 'done';
    try {
      outcome = refused ?? (await this.#phases.run(request));
    } catch (error) {
      request.error(`internal error: ${error instanceof Error ? error.message : String(error)}`);
      request.response.reset();
      outcome = 500;
    }
    answer(request, outcome, { phases: this.#phases, serverName: (current) => this.#nameFor(current) });
  }

  #answered(client: HttpConnection): void {
    client.busy = false;
    if (client.closing) client.socket.end();
    else client.socket.setTimeout(client.keepaliveMs); // then node:http destroys it
  }

  #nameFor(_request: HttpRequest): string {
    return 'postern';
  }

  /** Of the location that a request stands in, or of its server. */
  #logOf({ store }: ServerEntry): Log {
    const { errorLog } = store.get(httpCoreModule.loc);
    if (errorLog === undefined) return this.#worker.log;
    const log = this.#logs.get(errorLog) ?? this.#worker.openLog(errorLog);
    this.#logs.set(errorLog, log);
    return log;
  }
}

function plans(store: Store): SocketPlan<HttpAddress>[] {
  const ports = store
    .get(HTTP_BLOCK)
    .addresses.map((address): Port<HttpAddress> => ({ listen: address.listen, server: address }));
  return planSockets(ports);
}
