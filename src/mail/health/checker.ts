// The health checks of a process: those of the zones whose duty falls to it.
import type { ByteString } from '../../conf/directive.ts';
import type { ErrorLogSpec } from '../../core/error-log.ts';
import { Level, type Log } from '../../core/log.ts';
import type { Resolver } from '../../core/resolver/resolver.ts';
import type { ResolverSpec } from '../../core/resolver-directive.ts';
import { type Check, CheckSchedule } from '../../upstream/health/schedule.ts';
import type { Peer } from '../../upstream/peer.ts';
import type { CheckDuty, PeerZone } from '../../upstream/peer-zone.ts';
import { refresh } from '../upstream/look-up.ts';
import { type CheckMeans, PeerCheck } from './peer-check.ts';
import type { CheckPlan } from './plan.ts';

/** What a worker lends. */
export interface CheckerWorker extends CheckMeans {
  /** @param spec undefined: the log of the main context */
  logOf(spec: readonly ErrorLogSpec[] | undefined): Log;
  resolverOf(spec: ResolverSpec): Resolver;
}

export class HealthChecker {
  readonly #worker: CheckerWorker;
  readonly #plans: ReadonlyMap<CheckPlan, CheckMeans>;
  readonly #schedule = new CheckSchedule();
  readonly #ends = new AbortController();

  /** Logs are opened after this. */
  constructor(plans: readonly CheckPlan[], worker: CheckerWorker) {
    this.#plans = new Map(plans.map((plan) => [plan, { ...worker, log: worker.logOf(plan.scope.errorLog) }]));
    this.#worker = worker;
  }

  start(): void {
    for (const zone of this.#zones) {
      const plans = new Map([...this.#plans].filter(([plan]) => plan.zone === zone));
      zone.offer(new ZoneDuty(plans, zone, this.#worker, this.#schedule, this.#ends.signal));
    }
  }

  /** Others take over, if there are any. */
  stop(): void {
    if (this.#ends.signal.aborted) return;
    this.#ends.abort();
    this.#schedule.stop();
    for (const zone of this.#zones) zone.withdraw();
  }

  get #zones(): ReadonlySet<PeerZone> {
    return new Set([...this.#plans.keys()].map(({ zone }) => zone));
  }
}

/** The checks of one upstream. */
class ZoneDuty implements CheckDuty {
  readonly #plans: ReadonlyMap<CheckPlan, CheckMeans>;
  readonly #zone: PeerZone;
  readonly #worker: CheckerWorker;
  readonly #schedule: CheckSchedule;
  readonly #signal: AbortSignal;
  readonly #checks = new Map<Peer, readonly PeerCheck[]>();

  constructor(
    plans: ReadonlyMap<CheckPlan, CheckMeans>,
    zone: PeerZone,
    worker: CheckerWorker,
    schedule: CheckSchedule,
    signal: AbortSignal,
  ) {
    this.#plans = plans;
    this.#zone = zone;
    this.#worker = worker;
    this.#schedule = schedule;
    this.#signal = signal;
  }

  begin(): void {
    this.peersChanged();
    const [first] = this.#plans;
    // Names may be added later.
    if (first !== undefined && first[0].group.lookup.resolver !== undefined)
      this.#schedule.add(this.#refreshing(...first));
  }

  peersChanged(): void {
    const peers = new Set(this.#zone.peers.values());
    for (const [peer, checks] of this.#checks) {
      if (peers.has(peer)) continue;
      this.#checks.delete(peer);
      for (const check of checks) this.#schedule.remove(check);
    }
    for (const [key, peer] of this.#zone.peers) {
      if (this.#checks.has(peer) || peer.parameters.down) continue;
      const checks = [...this.#plans].map(([plan, means]) => new PeerCheck(plan, key, peer, means));
      this.#checks.set(peer, checks);
      for (const check of checks) this.#schedule.add(check);
    }
  }

  /** Names are looked up for the checks as well: there may be no sessions that would. */
  #refreshing({ group, scope }: CheckPlan, { log }: CheckMeans): Check {
    const context = { connection: 0, logSuffix: () => ` while checking upstream "${group.name}"` };
    const caller = { error: (text: ByteString) => log.write(Level.error, text, context) };
    const { resolverOf } = this.#worker;
    return {
      intervalMs: Math.min(...[...this.#plans.keys()].map(({ parameters }) => parameters.intervalMs)),
      jitterMs: 0,
      run: (done) => {
        const found = refresh(group, caller, { resolverOf, core: scope }, this.#signal);
        if (found === undefined) done();
        else found.then(done, (error: unknown) => this.#fault(error, log, done));
      },
      cancel: () => {},
    };
  }

  #fault(error: unknown, log: Log, done: () => void): void {
    log.write(Level.alert, `check ended by a fault: ${String(error)}`);
    done();
  }
}
