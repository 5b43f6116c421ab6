// nginx's asynchronous resolver: names and addresses by way of the servers of one `resolver` directive (RFC 1035).
import type { ConnectionBudget } from '../connection-budget.ts';
import { Level, type Log, printable } from '../log.ts';
import { type Answer, EMPTY, readAddresses, readPointer, USELESS } from './answer.ts';
import { AnswerCache } from './cache.ts';
import { follow, Lookup } from './lookup.ts';
import {
  badFlags,
  type Header,
  isTruncated,
  Malformed,
  RecordType,
  readHeader,
  readQuestion,
  type Question as Wire,
} from './message.ts';
import { Query, type Question } from './query.ts';
import { failed, failure, type Outcome, ResolveCode, type ResolveResult, resolveText, rotated } from './result.ts';
import { type NameServer, ServerLink } from './server-link.ts';
import { addressTarget, nameTarget, questionTarget, type Target } from './target.ts';

/** Hears of what is asked of name servers, and of what comes of it. What the cache knows is not asked. */
export interface ResolverEvents {
  requested(what: 'name' | 'addr'): void;
  /** @param code of the response */
  answered(code: number): void;
  timedOut(): void;
}

export interface ResolverOptions {
  /** At least one. */
  readonly servers: readonly NameServer[];
  /** Which addresses to ask for. At least one of the two. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** How long answers are kept, instead of their TTL. In milliseconds, used in whole seconds. */
  readonly validMs: number | undefined;
  readonly log: Log;
  /** Its sockets count as connections; undefined: not. */
  readonly connections?: ConnectionBudget;
  /** undefined: nobody counts. */
  readonly events?: ResolverEvents | undefined;
  /** The time in milliseconds. */
  readonly now?: () => number;
  /** How long an idle TCP connection is kept. */
  readonly tcpIdleMs?: number;
}

/** An unanswered question goes to the next server. */
const RESEND_MS = 5000;
const MAX_CACHED = 10_000;
const CACHE_IDLE_S = 30;
/** Answers with more are used, but not kept: the bound on what an entry of the cache holds. */
const MAX_CACHED_ADDRESSES = 32;
/** Queries that nobody waits for are kept a little, for a late answer; not where there are so many. */
const MAX_PENDING = 1000;

interface Asked {
  readonly query: Query;
  readonly question: Question;
}

export class Resolver {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #events: ResolverEvents | undefined;
  readonly #validMs: number | undefined;
  /** The types of question for a name. */
  readonly #types: readonly number[];
  readonly #links: readonly ServerLink[];
  readonly #cache = new AnswerCache<Outcome>(MAX_CACHED, CACHE_IDLE_S);
  readonly #pending = new Map<string, Query>();
  /** Every new query begins with the next server. */
  #turn = 0;
  #closed = false;

  constructor(options: ResolverOptions) {
    this.#log = options.log;
    this.#now = options.now ?? Date.now;
    this.#events = options.events;
    this.#validMs = options.validMs;
    this.#types = [...(options.ipv4 ? [RecordType.a] : []), ...(options.ipv6 ? [RecordType.aaaa] : [])];
    this.#links = options.servers.map((server, i) => {
      const onMessage = (message: Buffer, overTcp: boolean): void => this.#onMessage(message, overTcp, i);
      return new ServerLink(server, { ...options, onMessage });
    });
  }

  /**
   * Finds the name of an IP, in lower case. Never rejects. Every byte may be in what comes: check it.
   * @param timeoutMs for the whole; 0: none
   * @param signal gives up this lookup; others that wait for the same answer go on
   */
  async resolveAddress(ip: string, timeoutMs: number, signal?: AbortSignal): Promise<ResolveResult<string>> {
    const outcome = await this.#lookup(addressTarget(ip), timeoutMs, signal);
    return outcome.kind === 'name' ? { ok: true, value: outcome.name } : failed(outcome);
  }

  /** Finds the addresses of a name: never none. As `resolveAddress` otherwise. */
  async resolveName(name: string, timeoutMs: number, signal?: AbortSignal): Promise<ResolveResult<readonly string[]>> {
    const outcome = await this.#lookup(nameTarget(name), timeoutMs, signal);
    return outcome.kind === 'addresses' ? { ok: true, value: outcome.addresses } : failed(outcome);
  }

  /** Ends every lookup with code 125 and closes the sockets. Later lookups end at once. */
  close(): void {
    this.#closed = true;
    for (const query of [...this.#pending.values()]) {
      for (const lookup of [...query.lookups]) lookup.settle(failure(ResolveCode.canceled));
      this.#drop(query);
    }
    for (const link of this.#links) link.close();
  }

  async #lookup(target: Target | undefined, timeoutMs: number, signal: AbortSignal | undefined): Promise<Outcome> {
    if (target === undefined) return failure(ResolveCode.hostNotFound);
    if (this.#closed) return failure(ResolveCode.canceled);
    const lookup = new Lookup(target, timeoutMs, signal, (ended, outcome) => this.#detach(ended, outcome));
    this.#advance(lookup);
    return lookup.outcome;
  }

  /** Answers from the cache, else joins or begins a query. */
  #advance(lookup: Lookup): void {
    while (!lookup.settled) {
      const known = this.#cache.get(lookup.target.key, this.#second());
      if (known === undefined) {
        const query = this.#pending.get(lookup.target.key) ?? this.#begin(lookup.target);
        query.lookups.add(lookup);
        return;
      }
      follow(lookup, rotated(known));
    }
  }

  #detach(lookup: Lookup, outcome: Outcome): void {
    const query = this.#pending.get(lookup.target.key);
    if (query === undefined || !query.lookups.delete(lookup) || query.lookups.size > 0) return;
    const isFull = this.#pending.size > MAX_PENDING;
    if (isFull || (outcome.kind === 'failure' && outcome.code === ResolveCode.timedOut)) this.#unanswered(query);
    if (isFull) this.#drop(query);
  }

  #unanswered(query: Query): void {
    if (!query.isCounted) this.#events?.timedOut();
    query.isCounted = true;
  }

  #begin(target: Target): Query {
    const server = this.#turn % this.#links.length;
    const query = new Query(target, target.kind === 'name' ? this.#types : [RecordType.ptr], server);
    this.#turn = server + 1;
    this.#pending.set(target.key, query);
    this.#events?.requested(target.kind === 'name' ? 'name' : 'addr');
    query.timer = setInterval(() => this.#resend(query), RESEND_MS).unref();
    for (const question of query.questions) this.#ask(query, question, true);
    return query;
  }

  #resend(query: Query): void {
    if (query.lookups.size === 0) {
      this.#unanswered(query);
      this.#drop(query);
      return;
    }
    query.server = (query.server + 1) % this.#links.length;
    for (const question of query.questions) {
      if (question.answer === undefined) this.#ask(query, question, true);
    }
  }

  /** @param again whether a failure to send tries the next server, once */
  #ask(query: Query, question: Question, again: boolean): void {
    const { server } = query;
    const link = this.#links[server];
    const failed = (): void => {
      if (!again || this.#pending.get(query.target.key) !== query) return;
      query.server = (server + 1) % this.#links.length;
      this.#ask(query, question, false);
    };
    if (question.overTcp) link?.sendTcp(question.message, failed);
    else link?.sendUdp(question.message, failed);
  }

  #drop(query: Query): void {
    clearInterval(query.timer);
    this.#pending.delete(query.target.key);
  }

  // --- responses ---

  /** What cannot be believed is logged and otherwise ignored: the true answer may still come. */
  #onMessage(message: Buffer, overTcp: boolean, server: number): void {
    const refused = this.#receive(message, overTcp, server);
    if (refused !== undefined) this.#error(refused);
  }

  /** @returns the line that nginx logs about a response that is not taken */
  #receive(message: Buffer, overTcp: boolean, server: number): string | undefined {
    const header = readHeader(message);
    if (header instanceof Malformed) return header.text;
    const code = header.flags & 0xf;
    const refused = badFlags(header, overTcp) ?? this.#badCode(header.id, code);
    if (refused !== undefined) return refused;
    const wire = readQuestion(message, header);
    if (wire instanceof Malformed) return wire.text;
    const found = this.#find(wire, header.id);
    if (typeof found !== 'object') return found;
    const { query, question } = found;
    // What fits of a truncated PTR answer has the first name.
    if (isTruncated(header) && wire.type !== RecordType.ptr) {
      question.overTcp = true;
      query.server = server;
      this.#ask(query, question, true);
      return undefined;
    }
    const answer = this.#read(message, header, wire, code);
    if (answer instanceof Malformed) return answer.text;
    // Of no use: counts as an empty answer while another is due, else it is ignored.
    if (answer === USELESS && !query.awaitsBeside(question)) return undefined;
    const outcome = query.take(question, answer);
    if (outcome !== undefined) this.#finish(query, outcome);
    return undefined;
  }

  /** RCODEs that say nothing about the name. A server that reads no question may repeat none: found by the id. */
  #badCode(id: number, code: number): string | undefined {
    if (code === 0 || (code > ResolveCode.formatError && code <= ResolveCode.refused)) return undefined;
    const text = `DNS error (${code}: ${resolveText(code)}), query id:${id}`;
    if (code !== ResolveCode.formatError && this.#events === undefined) return text;
    const isAsked = ({ questions }: Query): boolean => questions.some((q) => q.id === id && q.answer === undefined);
    const asked = [...this.#pending.values()].filter(isAsked);
    if (asked.length > 0) this.#events?.answered(code);
    if (code !== ResolveCode.formatError) return text;
    const { target } = asked.find(({ target: { kind } }) => kind === 'name') ?? {};
    return target === undefined ? text : `${text}, name:"${target.name}"`;
  }

  /** The question that a response answers, or the line about it. A known address may be answered once more. */
  #find(wire: Wire, id: number): Asked | string | undefined {
    const target = questionTarget(wire);
    if (typeof target === 'string') return target;
    const query = this.#pending.get(target.key);
    const question = query?.questions.find((q) => q.type === wire.type && q.answer === undefined);
    if (query === undefined || question === undefined) {
      const again = target.kind === 'address' && this.#cache.get(target.key, this.#second()) !== undefined;
      return again ? undefined : `unexpected DNS response for ${wire.name}`;
    }
    if (question.id === id) return { query, question };
    return `wrong ident ${id} in DNS response for ${wire.name}, expect ${question.id}`;
  }

  #read(message: Buffer, header: Header, wire: Wire, code: number): Answer | Malformed {
    const note = (text: string): void => this.#error(text);
    if (code !== 0) return { code, addresses: [] };
    if (header.answers === 0) return EMPTY;
    if (wire.type === RecordType.ptr) return readPointer(message, wire.end, header.answers, note);
    return readAddresses(message, wire, header.answers, note);
  }

  #finish(query: Query, outcome: Outcome): void {
    this.#drop(query);
    if (!query.isCounted) this.#events?.answered(query.code);
    this.#remember(query.target, outcome);
    for (const lookup of [...query.lookups]) {
      follow(lookup, outcome);
      this.#advance(lookup);
    }
  }

  #remember(target: Target, outcome: Outcome): void {
    if (outcome.kind === 'failure') return;
    if (outcome.kind === 'addresses' && outcome.addresses.length > MAX_CACHED_ADDRESSES) return;
    const now = this.#second();
    const life = this.#validMs === undefined ? outcome.ttl : Math.floor(this.#validMs / 1000);
    this.#cache.set(target.key, outcome, now + life, now);
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }

  /** Names in the text are the peer's. */
  #error(text: string): void {
    this.#log.write(Level.error, printable(text));
  }
}
