// Passes a request on to an upstream: one peer after the other until one answers, as far as the rules allow.
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import {
  asksNext,
  isFailureOfPeer,
  type NextOn,
  type NextRules,
  reasonOfStatus,
} from '../../upstream/next-upstream.ts';
import type { Peer, PeerOutcome } from '../../upstream/peer.ts';
import type { Selection } from '../../upstream/selection.ts';
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { type AnswerRules, applyAnswer } from './answer.ts';
import type { AttemptFailure, Transport, UpstreamAnswer } from './attempt.ts';
import { watchClient } from './client-watch.ts';
import type { HttpGroup } from './group.ts';
import { beginRound, UpstreamState } from './state.ts';

export interface ExchangePlan {
  readonly group: HttpGroup;
  readonly transport: Transport;
  readonly next: NextRules;
  readonly ignoreClientAbort: boolean;
  readonly answer: AnswerRules;
}

const BAD_GATEWAY = 502;
const STATUS = { error: BAD_GATEWAY, timeout: 504, invalid_header: BAD_GATEWAY } as const;
const INTERNAL_ERROR = 500;
const CLOSED_BY_CLIENT =
  'epoll_wait() reported that client prematurely closed connection, so upstream connection is closed too';
/** The client has closed the connection: for the access log. */
const CLIENT_GONE = 499;

export async function exchange(request: HttpRequest, plan: ExchangePlan): Promise<Outcome> {
  const watch = watchClient(request, plan.ignoreClientAbort);
  try {
    return await new Exchange(request, plan, watch.signal).run();
  } finally {
    watch.end();
  }
}

class Exchange {
  readonly #request: HttpRequest;
  readonly #plan: ExchangePlan;
  readonly #signal: AbortSignal;
  readonly #selection: Selection;
  readonly #round: ReturnType<typeof beginRound>;
  readonly #startedMs = Date.now();

  constructor(request: HttpRequest, plan: ExchangePlan, signal: AbortSignal) {
    this.#request = request;
    this.#plan = plan;
    this.#signal = signal;
    this.#selection = plan.group.select(request, plan.next.tries);
    this.#round = beginRound(request);
  }

  async run(): Promise<Outcome> {
    for (;;) {
      const peer = this.#choose();
      const outcome = peer === undefined ? BAD_GATEWAY : await this.#try(peer);
      if (outcome === 'next') continue;
      this.#request.action = undefined;
      return outcome;
    }
  }

  #choose(): Peer | undefined {
    const request = this.#request;
    const { transport, group } = this.#plan;
    request.action = 'connecting to upstream';
    const peer = this.#selection.next(Date.now());
    request.upstream = transport.shown(peer?.text ?? group.name);
    if (peer !== undefined) return peer;
    request.error('no live upstreams');
    const state = this.#state(group.name);
    state.status = BAD_GATEWAY;
    state.ended();
    return undefined;
  }

  async #try(peer: Peer): Promise<Outcome | 'next'> {
    const request = this.#request;
    const state = this.#state(peer.text);
    const { transport, group } = this.#plan;
    const { keepalive } = group;
    const result = await transport.attempt({ request, peer, state, keepalive, signal: this.#signal });
    if (this.#signal.aborted) {
      if ('answer' in result) result.answer.body?.destroy();
      state.ended();
      this.#selection.release(peer, 'next', Date.now());
      request.info(CLOSED_BY_CLIENT);
      return CLIENT_GONE;
    }
    if ('failure' in result) return this.#failed(peer, state, result.failure);
    return this.#answered(peer, state, result.answer);
  }

  #failed(peer: Peer, state: UpstreamState, failure: AttemptFailure): number | 'next' {
    const request = this.#request;
    const { kind, level, text, requestSent, stale } = failure;
    if (kind === 'ours') {
      request.log.write(level, text, request);
      state.peer = '';
      state.ended();
      this.#release(peer, 'next', true);
      return INTERNAL_ERROR;
    }
    const goesOn = this.#mayGoOn(kind, requestSent, stale);
    state.status = STATUS[kind];
    state.ended();
    const log = (): void => {
      if (text !== '') request.log.write(level, text, request);
    };
    if (kind !== 'timeout') log();
    this.#release(peer, 'failed', !stale);
    if (kind === 'timeout') log();
    return goesOn ? 'next' : STATUS[kind];
  }

  #answered(peer: Peer, state: UpstreamState, answer: UpstreamAnswer): Outcome | 'next' {
    const { status, body } = answer;
    state.status = status;
    const reason = reasonOfStatus(status);
    if (reason !== undefined && this.#mayGoOn(reason, true, false)) {
      body?.destroy();
      state.ended();
      this.#release(peer, isFailureOfPeer(status) ? 'failed' : 'next', true);
      return 'next';
    }
    this.#round.record.fields = answer.fields;
    const done = (): void => {
      state.ended();
      this.#selection.release(peer, 'ok', Date.now());
    };
    if (body === undefined || body.closed) {
      done();
    } else {
      body.once('end', () => state.ended()); // the log is written before it is closed
      body.once('close', done);
    }
    const outcome = applyAnswer(this.#request, answer, this.#plan.answer);
    if (outcome !== 'done') state.ended();
    return outcome;
  }

  #mayGoOn(reason: NextOn, requestSent: boolean, stale: boolean): boolean {
    return asksNext(reason, this.#plan.next, {
      method: this.#request.method,
      requestSent,
      hasMore: stale || this.#selection.hasMore,
      elapsedMs: Date.now() - this.#startedMs,
    });
  }

  #release(peer: Peer, outcome: PeerOutcome, spent: boolean): void {
    const request = this.#request;
    if (!this.#selection.release(peer, outcome, Date.now(), spent)) return;
    request.log.write(Level.warn, 'upstream server temporarily disabled', request);
  }

  #state(peer: ByteString): UpstreamState {
    const state = new UpstreamState(peer);
    this.#round.round.push(state);
    return state;
  }
}
