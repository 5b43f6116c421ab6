// What the dashboard and its page say to each other over a WebSocket: JSON, a message a frame. Types only, for both sides.

/** By protocol. */
export type ByProtocol = Readonly<Record<string, number>>;

/** How logins went, each a second. */
export interface LoginRates {
  readonly ok: number;
  readonly refused: number;
  /** Something was broken, or the backend did not take the login. */
  readonly error: number;
}

/** One moment of the past. */
export interface Sample extends LoginRates {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly sessions: ByProtocol;
}

/** Milliseconds, of the last seconds; undefined: there was nothing to measure. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

export interface ServerLine extends LoginRates {
  /** Of its `status_zone`, or else the first address of `listen`. */
  readonly name: string;
  readonly protocol: string;
  readonly sessions: number;
  readonly relays: number;
  /** Bytes a second, from clients and to them. */
  readonly received: number;
  readonly sent: number;
  readonly auth?: Times | undefined;
  readonly backend?: Times | undefined;
}

export interface PeerLine {
  readonly group: string;
  readonly server: string;
  /** As the api says it: up, down, unavail, draining, unhealthy, checking. */
  readonly state: string;
  readonly backup: boolean;
  readonly sessions: number;
  readonly connections: number;
  readonly fails: number;
  /** Of health checks, where there are some. */
  readonly checks?: { readonly checks: number; readonly fails: number; readonly lastPassed: boolean } | undefined;
  /** From dialling to the end of the login. */
  readonly login?: Times | undefined;
}

export interface WorkerLine {
  readonly pid: number;
  readonly slot: number;
  /** serving, full or draining: the last one is of an earlier configuration. */
  readonly condition: string;
  readonly connections: number;
}

/** The first message. */
export interface Hello {
  readonly kind: 'hello';
  readonly version: string;
  /** The path of an api that may end sessions; undefined: they can be looked at. */
  readonly api?: string | undefined;
  /** How often `now` comes. */
  readonly intervalMs: number;
  /** The oldest first. */
  readonly history: readonly Sample[];
}

/** What goes on. */
export interface Now extends Sample {
  readonly kind: 'now';
  /** Which configuration is in force, counted from 1, and since when. */
  readonly generation: number;
  readonly loadedMs: number;
  readonly servers: readonly ServerLine[];
  readonly peers: readonly PeerLine[];
  /** Handshakes so far, by version. */
  readonly tls: Readonly<Record<string, number>>;
  readonly workers: readonly WorkerLine[];
  readonly respawned: number;
  /** How many more there are than are shown. */
  readonly leftOut?: { readonly servers: number; readonly peers: number };
}

export interface SessionLine {
  /** `PID-CONNECTION` */
  readonly id: string;
  readonly protocol: string;
  readonly server: string;
  readonly client: string;
  /** Whatever the client sent: cut at 256 characters. */
  readonly user: string;
  readonly isCut: boolean;
  readonly state: string;
  readonly backend: string;
  readonly tls?: string | undefined;
  readonly sinceMs: number;
  readonly received: number;
  readonly sent: number;
}

/** A page of the sessions that the page asked for last; it comes again with every `now`. */
export interface SessionsPage {
  readonly kind: 'sessions';
  readonly question: number;
  readonly sessions: readonly SessionLine[];
  /** Of all that match. */
  readonly total: number;
  /** For the next page; undefined: this is the last one. */
  readonly next?: string | undefined;
}

export interface SessionEvent {
  readonly atMs: number;
  readonly what: 'begin' | 'login' | 'refused' | 'error' | 'end';
  readonly id: string;
  readonly protocol: string;
  readonly client: string;
  readonly user: string;
  readonly isCut: boolean;
  /** Of an end, the word of `$mail_end`; of a refusal, what the client was told. */
  readonly why?: string | undefined;
}

export interface Tail {
  readonly kind: 'events';
  readonly events: readonly SessionEvent[];
  /** How many more there were. */
  readonly leftOut: number;
}

export type ToPage = Hello | Now | SessionsPage | Tail;

/** Which sessions; what is undefined, anything will do for. */
export interface Filter {
  readonly user?: string | undefined;
  /** An address or a network. */
  readonly client?: string | undefined;
  readonly server?: string | undefined;
  readonly protocol?: string | undefined;
  readonly state?: string | undefined;
  readonly backend?: string | undefined;
}

/** From now on these sessions are shown, and of these the tail tells. */
export interface Watch {
  readonly kind: 'watch';
  /** Comes back with the answers. */
  readonly question: number;
  readonly filter: Filter;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  readonly tail: boolean;
}

export type FromPage = Watch;
