// The checks of one peer by one health_check: how each is made, and what comes of it.
import type { ByteString } from '../../conf/directive.ts';
import { formatAddress } from '../../core/address.ts';
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import { Level, type Log } from '../../core/log.ts';
import type { Connection } from '../../net/connection.ts';
import { dialTarget } from '../../net/dial-target.ts';
import type { Dialer } from '../../net/transport.ts';
import type { Check } from '../../upstream/health/schedule.ts';
import type { Peer } from '../../upstream/peer.ts';
import { withPort } from '../backend/place.ts';
import { overTls } from '../backend-tls/choose.ts';
import type { BufferPool } from '../command/buffer-pool.ts';
import { UpstreamLogin, type UpstreamResult, type UpstreamSettings } from '../session/upstream-login.ts';
import { CheckCaller } from './check-caller.ts';
import { CheckConnection, type CheckEnd } from './check-connection.ts';
import type { CheckPlan } from './plan.ts';

/** What checks are made with. */
export interface CheckMeans {
  readonly transport: Dialer;
  readonly connections: ConnectionBudget;
  readonly pool: BufferPool;
  readonly log: Log;
}

export class PeerCheck implements Check {
  readonly intervalMs: number;
  readonly jitterMs: number;
  readonly #plan: CheckPlan;
  readonly #key: ByteString;
  readonly #peer: Peer;
  readonly #means: CheckMeans;
  #running: { cancel(): void } | undefined;

  constructor(plan: CheckPlan, key: ByteString, peer: Peer, means: CheckMeans) {
    this.intervalMs = plan.parameters.intervalMs;
    this.jitterMs = plan.parameters.jitterMs;
    this.#plan = plan;
    this.#key = key;
    this.#peer = peer;
    this.#means = means;
  }

  run(done: () => void): void {
    const { zone, rules, name, group } = this.#plan;
    const settings = this.#settings();
    const isKnown = zone.checks.knows(this.#key, rules) && !zone.checks.isHealthy(this.#key, rules);
    const subject = { name, peer: settings.address, upstream: group.name };
    const caller = new CheckCaller(this.#means, subject, isKnown, () => {
      this.cancel();
      done();
    });
    try {
      this.#begin(caller, settings, (end) => {
        this.#running = undefined;
        if (end !== 'unknown') this.#judge(caller, end !== 'failed');
        if (typeof end === 'string') done();
        else this.#leave(end, done);
      });
    } catch (error) {
      caller.onFault(error);
    }
  }

  cancel(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.cancel();
  }

  #begin(caller: CheckCaller, settings: UpstreamSettings, done: (end: CheckEnd) => void): void {
    const { way, scope } = this.#plan;
    const { pool } = this.#means;
    if (way.kind === 'dialogue') {
      const { check } = way.protocol;
      const dialogue = overTls(settings.tls, way, scope, check.dialogue(scope.serverName));
      const login = new UpstreamLogin(caller, settings, pool, dialogue, (result) =>
        done(endOf(result, check.farewell)),
      );
      this.#running = login;
      login.start();
      return;
    }
    const match = way.kind === 'match' ? way.match : undefined;
    const connection = new CheckConnection(caller, settings, pool, match, done);
    this.#running = connection;
    connection.start();
  }

  #settings(): UpstreamSettings {
    const { scope, parameters, port, tls } = this.#plan;
    const { address } = this.#peer;
    const isInet = address.kind === 'inet';
    const own = isInet && parameters.port !== undefined ? { ...address, port: parameters.port } : address;
    const place = withPort(own, port);
    const text = formatAddress(place);
    const target = dialTarget(place);
    const { timeoutMs, bufferSize, header, local, socketKeepalive } = scope;
    return {
      target: target.kind === 'inet' ? { ...target, local, probes: socketKeepalive } : target,
      address: text,
      timeoutMs,
      connectTimeoutMs: undefined,
      bufferSize,
      header,
      passErrorMessage: false,
      refusalIsClients: false,
      tls: tls(text),
    };
  }

  /** A backend that is well is left in order. As long as it does not close, the next check waits. */
  #leave(conn: Connection, done: () => void): void {
    this.#running = { cancel: () => conn.destroy() };
    conn.released = () => {
      this.#running = undefined;
      this.#means.connections.release();
      done();
    };
    conn.finish();
  }

  #judge(caller: CheckCaller, passed: boolean): void {
    const { zone, rules } = this.#plan;
    const turn = zone.checked(this.#key, rules, passed, Date.now());
    if (turn === undefined) return;
    this.#means.log.write(turn === 'healthy' ? Level.notice : Level.warn, `peer is ${turn}`, caller);
  }
}

function endOf(result: UpstreamResult, farewell: Buffer): CheckEnd {
  if (result.kind === 'failed') return result.cause === 'ours' ? 'unknown' : 'failed';
  result.upstream.write(Buffer.from(farewell));
  return result.upstream;
}
