// The mail servers of a worker: what they need at run time, their sockets, and the sessions that they hold.
import type { ByteString } from '../conf/directive.ts';
import type { Store } from '../conf/store.ts';
import type { LocalControl } from '../control/local.ts';
import { formatAddress, isWildcard, type SocketAddress } from '../core/address.ts';
import type { ConnectionBudget } from '../core/connection-budget.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import type { Log } from '../core/log.ts';
import { Reclaimer } from '../core/reclaim.ts';
import { Resolver } from '../core/resolver/resolver.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import type { Connection, ConnHandler } from '../net/connection.ts';
import { type Endpoint, socketAddressOf } from '../net/endpoint.ts';
import type { Listen } from '../net/listen/options.ts';
import { choosePort, listeningSpec, type Port, planSockets, type SocketPlan } from '../net/listen/plan.ts';
import { MemoryConnection } from '../net/loopback/memory-connection.ts';
import type { PassedClient, PassRefusal, PassTarget } from '../net/loopback/passes.ts';
import type { Arrival, ArrivalListening, Dialer, Transport } from '../net/transport.ts';
import { Occupancy } from '../net/websocket/occupancy.ts';
import type { LineOpener } from '../script/log/access-log.ts';
import type { StatsRegistry } from '../stats/registry.ts';
import { logConnected } from './arriving.ts';
import { AuthZone } from './auth-cache/auth-cache.ts';
import type { AuthCacheConf } from './auth-cache/conf.ts';
import { AuthPools } from './auth-http/pools.ts';
import { MAIL_BLOCK } from './block.ts';
import { BufferPool } from './command/buffer-pool.ts';
import { coreModule } from './core-module.ts';
import { HealthChecker } from './health/checker.ts';
import { plansOf } from './health/module.ts';
import { openAccessLogs } from './log/module.ts';
import { storesOf } from './needs.ts';
import { type Entry, mayPass, PASSED } from './passing.ts';
import { type MailServer, mailServer } from './server.ts';
import { SessionFlow } from './session/flow.ts';
import { Session } from './session/session.ts';
import { SessionDirectory } from './session-directory.ts';
import { statusZoneModule } from './status-zone-module.ts';
import { showGroups } from './upstream/shown-groups.ts';

/** What a worker lends to its mail servers. */
export interface MailWorker extends LineOpener {
  readonly transport: Transport;
  /** The same, without sockets where listeners of this process are dialled. */
  readonly loopback: Dialer;
  /** The main context's log. */
  readonly log: Log;
  /** debug_connection names the client; undefined: it names nobody. */
  readonly debugs: ((client: SocketAddress) => boolean) | undefined;
  openLog(specs: readonly ErrorLogSpec[]): Log;
  /** The next connection's number: 1, 2, 3, … */
  nextConnection(): number;
  /** worker_connections. */
  readonly connections: ConnectionBudget;
  /** Where sessions are counted; undefined: nothing shows it. */
  readonly stats: StatsRegistry | undefined;
  /** Sees and steers them; undefined: nothing asks. */
  readonly control: LocalControl | undefined;
  /** There are so many sessions now. */
  loaded(sessions: number): void;
}

export class MailRuntime {
  readonly listenings: readonly ArrivalListening[];
  readonly #worker: MailWorker;
  readonly #ports: readonly Port<MailServer>[];
  readonly #flows = new Set<SessionFlow>();
  /** undefined: nobody looks into it. */
  readonly #directory: SessionDirectory | undefined;
  readonly #resolvers = new Map<ResolverSpec, Resolver>();
  readonly #authPools: AuthPools;
  readonly #authZones = new Map<string, AuthZone>();
  readonly #pool = new BufferPool();
  /** How each listen stands in the log. */
  readonly #texts = new Map<Listen, ByteString>();
  readonly #reclaimer = new Reclaimer();
  readonly #websockets = new Occupancy();
  readonly #checker: HealthChecker | undefined;
  readonly #onEnd = (flow: SessionFlow): void => this.#ended(flow);
  #onIdle: (() => void) | undefined;

  constructor(store: Store, worker: MailWorker) {
    this.#worker = worker;
    this.#authPools = new AuthPools(worker.connections);
    this.#directory = worker.control && new SessionDirectory(this.#flows);
    if (this.#directory !== undefined) worker.control?.serve(this.#directory);
    const stores = storesOf(store);
    openAccessLogs(stores, worker);
    const servers = stores.map((own) => this.#server(own));
    if (worker.stats !== undefined) showGroups(stores, worker.stats, worker.control);
    this.#ports = servers.flatMap((server) =>
      server.core.listens.map((listen): Port<MailServer> => ({ listen, server })),
    );
    this.listenings = planSockets(this.#ports).map((plan) => this.#listening(plan));
    this.#checker = this.#checkerOf(store);
  }

  /** The server that listens on an address, for clients who come by another module. @param address as `formatAddress` has it */
  passTo(address: ByteString): PassTarget | undefined {
    const port = this.#ports.find(({ listen }) => formatAddress(listen.address) === address);
    return port === undefined ? undefined : { pass: (handler, from) => this.#pass(port, handler, from) };
  }

  /** Connections are accepted from here on, and backends looked after. */
  start(): void {
    this.#checker?.start();
  }

  get sessions(): number {
    return this.#flows.size;
  }

  /** Graceful stop: calls back when the last session has ended. */
  drain(onIdle: () => void): void {
    this.#checker?.stop();
    this.#onIdle = onIdle;
    if (this.#flows.size === 0) this.#idle();
  }

  /** worker_shutdown_timeout: ends the relays. */
  shutdown(): void {
    for (const flow of [...this.#flows]) flow.shutdown();
  }

  /** Fast stop: closes everything at once. */
  terminate(): void {
    this.#checker?.stop();
    for (const flow of [...this.#flows]) flow.terminate();
    for (const resolver of this.#resolvers.values()) resolver.close();
    this.#authPools.close();
  }

  #server(store: Store): MailServer {
    const { errorLog, resolver } = store.get(coreModule.srv);
    const log = errorLog === undefined ? this.#worker.log : this.#worker.openLog(errorLog);
    return mailServer(store, {
      log,
      resolver: resolver && this.#resolver(resolver),
      resolverOf: (spec) => this.#resolver(spec),
      pool: this.#pool,
      authConnections: (conf) => this.#authPools.of(conf),
      loopback: this.#worker.loopback,
      authZone: (conf) => this.#authZone(conf),
      websockets: this.#websockets,
      control: this.#worker.control,
      counters: this.#worker.stats?.server(store.get(statusZoneModule.srv), store.get(coreModule.srv).protocol.name),
    });
  }

  #checkerOf(store: Store): HealthChecker | undefined {
    const [server] = store.get(MAIL_BLOCK).servers;
    const plans = server === undefined ? [] : plansOf(server.store);
    if (plans.length === 0) return undefined;
    const { transport, connections, log } = this.#worker;
    return new HealthChecker(plans, {
      transport,
      connections,
      pool: this.#pool,
      log,
      logOf: (spec) => (spec === undefined ? log : this.#worker.openLog(spec)),
      resolverOf: (spec) => this.#resolver(spec),
    });
  }

  /** Servers that name the same zone share it; it forgets everything with a new configuration. */
  #authZone({ zone }: AuthCacheConf): AuthZone {
    const known = this.#authZones.get(zone.name);
    if (known !== undefined) return known;
    const fresh = new AuthZone(zone.bytes);
    this.#authZones.set(zone.name, fresh);
    return fresh;
  }

  /** Servers that inherit one resolver directive share its cache. */
  #resolver(spec: ResolverSpec): Resolver {
    const known = this.#resolvers.get(spec);
    if (known !== undefined) return known;
    const { log, connections, stats } = this.#worker;
    const events = spec.statusZone === undefined ? undefined : stats?.resolver(spec.statusZone, 'mail');
    const resolver = new Resolver({ ...spec, log, connections, events });
    this.#resolvers.set(spec, resolver);
    return resolver;
  }

  #listening(plan: SocketPlan<MailServer>): ArrivalListening {
    for (const { listen } of [plan.own, ...plan.others]) this.#texts.set(listen, formatAddress(listen.address));
    return { ...listeningSpec(plan), accept: (arrival) => this.#accept(plan, arrival) };
  }

  #pass({ listen, server }: Port<MailServer>, handler: ConnHandler, from: PassedClient): Connection | PassRefusal {
    if (this.#onIdle !== undefined) return 'closing';
    if (!mayPass(server, listen, from.tls)) return 'tls';
    const { connections } = this.#worker;
    const listenText = this.#texts.get(listen) ?? '';
    if (!connections.accept(listenText)) {
      server.counters?.limited('worker_connections');
      return 'full';
    }
    const [near, far] = MemoryConnection.pair(handler, server.proxy.bufferSize);
    far.released = connections.leave;
    this.#open(server, { conn: far, listen: undefined, listenText, ...from });
    return near;
  }

  #accept(plan: SocketPlan<MailServer>, arrival: Arrival): void {
    const { connection: conn } = arrival;
    const local = localEnd(plan, arrival);
    const { listen, server } = choosePort(plan, local?.address);
    const client = arrival.client();
    if (client === undefined && listen.address.kind === 'inet') {
      conn.destroy(); // gone before it was accepted
      return;
    }
    const { connections } = this.#worker;
    const listenText = this.#texts.get(listen) ?? '';
    if (!connections.accept(listenText)) {
      server.counters?.limited('worker_connections');
      conn.destroy();
      return;
    }
    conn.released = connections.leave;
    this.#open(server, { conn, listen, listenText, client, local, tls: undefined });
  }

  #open(server: MailServer, entry: Entry): void {
    const { conn, client, local, listenText, tls } = entry;
    const log = this.#worker.debugs?.(socketAddressOf(client)) === true ? server.log.verbose() : server.log;
    const session = new Session({
      connection: this.#worker.nextConnection(),
      conn,
      transport: this.#worker.transport,
      store: server.store,
      log,
      protocol: server.core.protocol.name,
      serverName: server.core.serverName,
      starttls: entry.listen === undefined || entry.listen.options.websocket ? 'off' : server.ssl.starttls,
      listenText,
      client,
      local,
      resolver: server.resolver,
      resolverTimeoutMs: server.core.resolverTimeoutMs,
      connections: this.#worker.connections,
      isRecorded: server.isRecorded || server.tail?.isWatched === true,
      measuresUpstreams: server.measuresUpstreams,
      tags: server.tags,
      counters: server.counters,
      tail: server.tail,
    });
    session.tls = tls;
    logConnected(session);
    const options = entry.listen?.options ?? PASSED;
    const flow = new SessionFlow(session, server, options, this.#onEnd);
    this.#flows.add(flow);
    this.#directory?.began(flow);
    server.counters?.began();
    this.#counted();
    session.conn.guard(() => flow.start());
  }

  #ended(flow: SessionFlow): void {
    this.#flows.delete(flow);
    this.#directory?.ended(flow);
    flow.session.counters?.ended();
    this.#counted();
    if (this.#flows.size === 0) this.#idle();
  }

  #idle(): void {
    if (this.#onIdle === undefined) return;
    this.#authPools.close();
    this.#onIdle();
  }

  #counted(): void {
    this.#reclaimer.count(this.#flows.size);
    this.#worker.loaded(this.#flows.size);
  }
}

/** The system has to be asked only where the address of the socket does not tell. */
function localEnd(plan: SocketPlan<MailServer>, arrival: Arrival): Endpoint | undefined {
  const { address } = plan.own.listen;
  if (address.kind === 'unix') return undefined;
  return isWildcard(address) ? arrival.local() : { address: address.ip, port: address.port };
}
