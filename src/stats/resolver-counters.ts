// The counters of resolvers that have a name: what name servers were asked for, and what came of it.
import { count, OWN } from './block.ts';

/** Addresses of a name, servers of a service, the name of an address. */
export const DNS_REQUESTS = ['name', 'srv', 'addr'] as const;
export type DnsRequest = (typeof DNS_REQUESTS)[number];

/** The codes of RFC 1035, section 4.1.1, in their order; those that it has not are `unknown`. */
export const DNS_RESPONSES = [
  'noerror',
  'formerr',
  'servfail',
  'nxdomain',
  'notimp',
  'refused',
  'timedout',
  'unknown',
] as const;
export type DnsResponse = (typeof DNS_RESPONSES)[number];

const TIMED_OUT = DNS_RESPONSES.indexOf('timedout');
const UNKNOWN = DNS_RESPONSES.indexOf('unknown');

const REQUESTS = OWN;
const RESPONSES = REQUESTS + DNS_REQUESTS.length;
const SLOTS = RESPONSES + DNS_RESPONSES.length;

export class ResolverCounters {
  readonly values = new Float64Array(SLOTS);

  requested(what: DnsRequest): void {
    count(this.values, REQUESTS + DNS_REQUESTS.indexOf(what));
  }

  /** @param code of the response */
  answered(code: number): void {
    count(this.values, RESPONSES + (code < TIMED_OUT ? code : UNKNOWN));
  }

  timedOut(): void {
    count(this.values, RESPONSES + TIMED_OUT);
  }
}

/** The counters of resolvers as they are read, of one process or of all together. */
export class ResolverNumbers {
  readonly #values: Float64Array;

  constructor(values: Float64Array = new Float64Array(SLOTS)) {
    this.#values = values;
  }

  requests(what: DnsRequest): number {
    return this.#values[REQUESTS + DNS_REQUESTS.indexOf(what)] ?? 0;
  }

  responses(what: DnsResponse): number {
    return this.#values[RESPONSES + DNS_RESPONSES.indexOf(what)] ?? 0;
  }
}
