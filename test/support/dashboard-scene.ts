// A busy server that is not there: what its dashboard would tell, made of a clock and nothing else.
import type {
  Filter,
  Hello,
  Now,
  PeerLine,
  Sample,
  ServerLine,
  SessionEvent,
  SessionLine,
  SessionsPage,
  Tail,
  Times,
  Watch,
} from '../../src/http/dashboard/messages.ts';

/** Names that strangers give. */
export const HOSTILE_USERS = [
  '<img src=x onerror="document.title=\'owned\'">',
  'x'.repeat(256),
  '\u202egnp.exe\u2066\u0000\u0007\u001b[31m',
  'a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030c zalgo',
  'مثال@example.org',
  '"><script>document.title="owned"</script>',
];

const HOUR_MS = 3_600_000;
const BACKENDS = ['10.20.0.11:143', '10.20.0.12:143', '10.20.0.13:143', '10.20.0.14:143', '[2001:db8:20::15]:143'];
const PEOPLE = ['anna', 'ben', 'carla', 'dmitri', 'emine', 'farid', 'grace', 'hiro', 'ines', 'jonas', 'kofi', 'lena'];
const SHARES = { imap: 0.78, pop3: 0.13, smtp: 0.09 };

/** Smooth, and the same again for the same moment. */
const wave = (atMs: number, periodMs: number, shift = 0): number => Math.sin((2 * Math.PI * (atMs + shift)) / periodMs);
const noise = (seed: number): number => {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
};

export interface SceneOptions {
  readonly sessions: number;
  readonly hostile?: boolean;
  /** A backend that fails, and refused logins. */
  readonly trouble?: boolean;
  readonly startedMs: number;
}

export class Scene {
  readonly #options: SceneOptions;
  /** Of the server. */
  version = '0.1.0';
  readonly #ended = new Set<string>();
  #sequence = 0;

  constructor(options: SceneOptions) {
    this.#options = options;
  }

  end(id: string): void {
    this.#ended.add(id);
  }

  hello(nowMs: number, api?: string): Hello {
    const history = Array.from({ length: 720 }, (_, index) => this.sample(nowMs - HOUR_MS + (index + 1) * 5000));
    return { kind: 'hello', version: this.version, api, intervalMs: 1000, history };
  }

  sample(atMs: number): Sample {
    const { sessions, trouble = false } = this.#options;
    const size = sessions * (0.94 + 0.045 * wave(atMs, 2.4 * HOUR_MS) + 0.015 * wave(atMs, 700_000));
    const logins = (sessions / 130) * (1 + 0.2 * wave(atMs, 900_000, 9000) + 0.16 * noise(Math.floor(atMs / 1000)));
    const age = this.#options.startedMs - atMs;
    const attack = trouble && age > 900_000 && age < 1_300_000 ? 0.35 : 0.012;
    return {
      atMs,
      sessions: Object.fromEntries(Object.entries(SHARES).map(([name, share]) => [name, Math.round(size * share)])),
      ok: Number(logins.toFixed(2)),
      refused: Number((logins * attack * (0.6 + noise(atMs))).toFixed(2)),
      error: trouble && age < 180_000 ? Number((logins * 0.05 * noise(atMs + 7)).toFixed(2)) : 0,
    };
  }

  now(atMs: number): Now {
    const sample = this.sample(atMs);
    const perProtocol = Object.entries(sample.sessions).map(([protocol, sessions], index): ServerLine => {
      const share = sessions / Math.max(1, this.#options.sessions);
      return {
        name: `${protocol}.example.org`,
        protocol,
        sessions,
        relays: Math.round(sessions * 0.97),
        ok: sample.ok * share,
        refused: sample.refused * share,
        error: sample.error * share,
        received: sessions * 41,
        sent: sessions * 890 * (1 + index),
        auth: times(Math.round(sample.ok * share), 2.1 + index, 48 + 30 * noise(atMs / 1000 + index)),
        backend: times(Math.round(sample.ok * share), 9 + 4 * index, 140 + 60 * noise(atMs / 1000 - index)),
      };
    });
    return {
      kind: 'now',
      ...sample,
      generation: 3,
      loadedMs: this.#options.startedMs - 7_980_000,
      servers: this.#options.sessions === 0 ? [] : perProtocol,
      peers: this.#options.sessions === 0 ? [] : this.#peers(sample),
      tls: this.#options.sessions === 0 ? {} : { 'TLSv1.3': 1_804_212, 'TLSv1.2': 121_884, 'TLSv1.1': 311 },
      workers: [
        { pid: 48_211, slot: 0, condition: 'serving', connections: Math.round(this.#options.sessions * 0.51) },
        { pid: 48_212, slot: 1, condition: 'serving', connections: Math.round(this.#options.sessions * 0.48) },
        { pid: 31_907, slot: 0, condition: 'draining', connections: Math.round(this.#options.sessions * 0.01) },
      ],
      respawned: 0,
    };
  }

  #peers(sample: Sample): PeerLine[] {
    const { trouble = false } = this.#options;
    return BACKENDS.map((server, index) => {
      const isBad = trouble && index === 2;
      return {
        group: 'mailboxes',
        server,
        state: isBad ? 'unhealthy' : trouble && index === 3 ? 'draining' : 'up',
        backup: index === BACKENDS.length - 1,
        sessions: isBad || index === 4 ? 0 : Math.round((sample.sessions.imap ?? 0) / 4),
        connections: 310_443 * (index + 1),
        fails: isBad ? 412 : 0,
        checks: { checks: 8640, fails: isBad ? 97 : 0, lastPassed: !isBad },
        login: isBad || index === 4 ? undefined : times(40, 8 + 3 * index, 90 + 160 * index * noise(index)),
      };
    });
  }

  page(watch: Watch, nowMs: number): SessionsPage {
    const { filter, limit, after, question } = watch;
    const start = after === undefined ? 0 : Number(after);
    const all = this.#options.sessions;
    const sessions: SessionLine[] = [];
    let index = start;
    for (; index < all && sessions.length < limit; index++) {
      const session = this.#session(index, nowMs);
      if (!this.#ended.has(session.id) && fits(session, filter)) sessions.push(session);
    }
    const isWhole = Object.keys(filter).length === 0;
    return {
      kind: 'sessions',
      question,
      sessions,
      total: isWhole ? all - this.#ended.size : sessions.length,
      next: index < all ? String(index) : undefined,
    };
  }

  #session(index: number, nowMs: number): SessionLine {
    const protocol = index % 11 === 4 ? 'pop3' : index % 13 === 6 ? 'smtp' : 'imap';
    const state = index % 17 === 9 ? 'login' : index % 23 === 11 ? 'commands' : index % 41 === 30 ? 'held' : 'relay';
    const hostile = this.#options.hostile === true ? HOSTILE_USERS[index] : undefined;
    const person = `${PEOPLE[index % PEOPLE.length]}${index < 12 ? '' : index}@example.org`;
    const user = state === 'commands' && hostile === undefined ? '' : (hostile ?? person);
    return {
      id: `${48_211 + (index % 2)}-${1000 + index}`,
      protocol,
      server: `192.0.2.10:${protocol === 'imap' ? 993 : protocol === 'pop3' ? 995 : 465}`,
      client:
        index % 7 === 3
          ? `2001:db8:4:${(index % 4096).toString(16)}::25`
          : `198.51.${index % 250}.${(index * 7) % 250}`,
      user,
      isCut: user.length === 256,
      state,
      backend: state === 'relay' ? (BACKENDS[index % 2] ?? '') : '',
      tls: index % 19 === 5 ? undefined : index % 6 === 2 ? 'TLSv1.2' : 'TLSv1.3',
      sinceMs: this.#options.startedMs - (index < 200 ? 86_000_000 - index * 421_000 : 1000),
      received: 900 + Math.floor(noise(index) * 90_000),
      sent:
        4000 +
        Math.floor(noise(index + 1) * 9_000_000) +
        Math.floor((nowMs - this.#options.startedMs) / 10) * (index % 3),
    };
  }

  tail(nowMs: number, many: number): Tail {
    if (this.#options.sessions === 0) return { kind: 'events', events: [], leftOut: 0 };
    const events = Array.from({ length: many }, (_, index): SessionEvent => {
      const number = this.#sequence++;
      const { id, protocol, client, user, isCut } = this.#session((number * 37) % this.#options.sessions, nowMs);
      const kinds = ['begin', 'login', 'end', 'login', 'begin', 'end', 'refused', 'login'] as const;
      const what = kinds[number % kinds.length] ?? 'begin';
      const why =
        what === 'refused'
          ? 'Invalid login or password'
          : what === 'end'
            ? (ENDS[number % ENDS.length] ?? '')
            : undefined;
      return {
        atMs: nowMs - (many - 1 - index) * 30,
        what,
        id,
        protocol,
        client,
        user: what === 'begin' ? '' : user,
        isCut,
        why,
      };
    });
    return { kind: 'events', events, leftOut: 0 };
  }
}

const ENDS = ['ok', 'idle', 'client_lost', 'quit', 'ok', 'refused', 'timeout'];

const times = (count: number, p50: number, p99: number): Times => ({ count, p50, p99 });

const fits = (session: SessionLine, { user, client, server, protocol, state, backend }: Filter): boolean =>
  (user === undefined || session.user === user) &&
  (client === undefined || session.client === client) &&
  (server === undefined || session.server === server) &&
  (protocol === undefined || session.protocol === protocol) &&
  (state === undefined || session.state === state) &&
  (backend === undefined || session.backend === backend);
