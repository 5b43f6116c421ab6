// The counters of a mail server. Each event is a number or two in an array, at a place that is known beforehand.
import { count, NOW, OWN, RECEIVED, RELAYING, SENT } from './block.ts';
import { HISTOGRAM_SLOTS, type Histogram, histogramOf, observe } from './histogram.ts';

/** How clients log in. `login`: name and password one by one, in AUTH LOGIN and in the commands of IMAP and POP3. */
export const LOGIN_METHODS = [
  'plain',
  'login',
  'cram-md5',
  'apop',
  'external',
  'xoauth2',
  'oauthbearer',
  'none',
] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

/**
 * `wait`: the auth server is asked again later. `error`: something was broken, or the backend did not take it.
 * `aborted`: the session ended before. But for `wait`, each login has one of them.
 */
export const LOGIN_OUTCOMES = ['ok', 'refused', 'wait', 'error', 'aborted'] as const;
export type LoginOutcome = (typeof LOGIN_OUTCOMES)[number];

/** What kept a client from coming in, or from going on. */
export const LIMITS = ['worker_connections', 'access', 'max_commands', 'max_errors'] as const;
export type Limit = (typeof LIMITS)[number];

export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const VERSION_NAMES: readonly string[] = TLS_VERSIONS;
/** `certificate_…`: the handshake was made, and what the client showed does not do. */
export const TLS_FAILURES = ['handshake', 'timeout', 'certificate_missing', 'certificate_invalid'] as const;
export type TlsFailure = (typeof TLS_FAILURES)[number];

export const AUTH_FAILURES = ['timeout', 'other'] as const;
export type AuthFailure = (typeof AUTH_FAILURES)[number];
export const BACKEND_FAILURES = ['refused', 'broken'] as const;
export type BackendFailure = (typeof BACKEND_FAILURES)[number];

const CONNECTIONS = OWN;
const CACHE_HITS = CONNECTIONS + 1;
const LIMITED = CACHE_HITS + 1;
const HANDSHAKES = LIMITED + LIMITS.length;
const TLS_FAILED = HANDSHAKES + 2 * TLS_VERSIONS.length;
const AUTH_FAILED = TLS_FAILED + TLS_FAILURES.length;
const BACKEND_FAILED = AUTH_FAILED + AUTH_FAILURES.length;
const LOGINS = BACKEND_FAILED + BACKEND_FAILURES.length;
const AUTH_TIMES = LOGINS + LOGIN_METHODS.length * LOGIN_OUTCOMES.length;
const BACKEND_TIMES = AUTH_TIMES + HISTOGRAM_SLOTS;
const SLOTS = BACKEND_TIMES + HISTOGRAM_SLOTS;

export class ServerCounters {
  readonly values = new Float64Array(SLOTS);

  began(): void {
    count(this.values, NOW);
    count(this.values, CONNECTIONS);
  }

  ended(): void {
    count(this.values, NOW, -1);
  }

  relays(): void {
    count(this.values, RELAYING);
  }

  relayed(): void {
    count(this.values, RELAYING, -1);
  }

  limited(limit: Limit): void {
    count(this.values, LIMITED + LIMITS.indexOf(limit));
  }

  /** @param version as OpenSSL names it */
  secured(version: string, resumed: boolean): void {
    const at = VERSION_NAMES.indexOf(version);
    if (at !== -1) count(this.values, HANDSHAKES + 2 * at + (resumed ? 1 : 0));
  }

  tlsFailed(why: TlsFailure): void {
    count(this.values, TLS_FAILED + TLS_FAILURES.indexOf(why));
  }

  login(method: LoginMethod, outcome: LoginOutcome): void {
    const row = LOGIN_METHODS.indexOf(method) * LOGIN_OUTCOMES.length;
    count(this.values, LOGINS + row + LOGIN_OUTCOMES.indexOf(outcome));
  }

  /** The auth server's answer was known. */
  cacheHit(): void {
    count(this.values, CACHE_HITS);
  }

  /** An auth server has been asked, and had something to say, or not. */
  authTook(ms: number): void {
    observe(this.values, AUTH_TIMES, ms);
  }

  authFailed(why: AuthFailure): void {
    count(this.values, AUTH_FAILED + AUTH_FAILURES.indexOf(why));
  }

  backendTook(ms: number): void {
    observe(this.values, BACKEND_TIMES, ms);
  }

  backendFailed(why: BackendFailure): void {
    count(this.values, BACKEND_FAILED + BACKEND_FAILURES.indexOf(why));
  }
}

/** The counters of a server as they are read, of one process or of all together. */
export class ServerNumbers {
  readonly #values: Float64Array;

  constructor(values: Float64Array = new Float64Array(SLOTS)) {
    this.#values = values;
  }

  get sessions(): number {
    return this.#at(NOW);
  }

  get relays(): number {
    return this.#at(RELAYING);
  }

  get connections(): number {
    return this.#at(CONNECTIONS);
  }

  get received(): number {
    return this.#at(RECEIVED);
  }

  get sent(): number {
    return this.#at(SENT);
  }

  get cacheHits(): number {
    return this.#at(CACHE_HITS);
  }

  limited(limit: Limit): number {
    return this.#at(LIMITED + LIMITS.indexOf(limit));
  }

  handshakes(version: (typeof TLS_VERSIONS)[number], resumed: boolean): number {
    return this.#at(HANDSHAKES + 2 * TLS_VERSIONS.indexOf(version) + (resumed ? 1 : 0));
  }

  tlsFailures(why: TlsFailure): number {
    return this.#at(TLS_FAILED + TLS_FAILURES.indexOf(why));
  }

  logins(method: LoginMethod, outcome: LoginOutcome): number {
    const row = LOGIN_METHODS.indexOf(method) * LOGIN_OUTCOMES.length;
    return this.#at(LOGINS + row + LOGIN_OUTCOMES.indexOf(outcome));
  }

  /** By whatever method. */
  allLogins(outcome: LoginOutcome): number {
    return LOGIN_METHODS.reduce((all, method) => all + this.logins(method, outcome), 0);
  }

  authFailures(why: AuthFailure): number {
    return this.#at(AUTH_FAILED + AUTH_FAILURES.indexOf(why));
  }

  backendFailures(why: BackendFailure): number {
    return this.#at(BACKEND_FAILED + BACKEND_FAILURES.indexOf(why));
  }

  get authTimes(): Histogram {
    return histogramOf(this.#values, AUTH_TIMES);
  }

  get backendTimes(): Histogram {
    return histogramOf(this.#values, BACKEND_TIMES);
  }

  #at(slot: number): number {
    return this.#values[slot] ?? 0;
  }
}
