// What is measured, in which unit, and what it may cost: the budget.

export type Unit = 'µs CPU' | 'CPU s/GiB' | 'KiB' | 'MiB' | 'ms' | '%' | '×' | '';

/** Who is measured. */
export type Name = 'postern' | 'nginx' | 'nginx-64k';

export interface Budget {
  /** What is judged: the ratio to nginx with its default buffers, or Postern's own figure. */
  readonly of: 'ratio' | 'figure';
  /** Without it nothing has to be. */
  readonly must?: number;
  readonly aim: number;
  /** The limits are of a machine where Node.js alone starts in so many milliseconds. A slower one has longer. */
  readonly nodeMs?: number;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  readonly budget?: Budget;
}

type Extra = Partial<Pick<Row, 'better' | 'budget'>>;

const row = (id: string, title: string, unit: Unit, extra: Extra = {}): Row => ({
  id,
  title,
  unit,
  better: 'less',
  ...extra,
});

const ratio = (must: number, aim: number): Extra => ({ budget: { of: 'ratio', must, aim } });
const figure = (must: number, aim: number): Extra => ({ budget: { of: 'figure', must, aim } });
const start = (must: number, aim: number): Extra => ({ budget: { of: 'figure', must, aim, nodeMs: 52 } });

export const PROTOCOLS = ['imap', 'pop3', 'smtp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

const logins = PROTOCOLS.flatMap((protocol) => {
  const name = protocol.toUpperCase();
  return [
    row(`login-${protocol}`, `Login, ${name}`, 'µs CPU', ratio(1.8, 1.5)),
    // The quoted login is IMAP's: the others have half of what spares round trips.
    protocol === 'imap'
      ? row('login-imap-tuned', 'Login, IMAP, auth kept alive and quoted', 'µs CPU', ratio(1.35, 1))
      : row(`login-${protocol}-tuned`, `Login, ${name}, auth kept alive`, 'µs CPU'),
  ];
});

const resumed = ['1.2', '1.3'].flatMap((version) => [
  row(`login-tls-${version}-resumed`, `Login, TLS ${version} resumed`, 'µs CPU', ratio(1.5, 1)),
  row(`resumed-tls-${version}`, `Sessions resumed, TLS ${version}`, '%', {
    better: 'more',
    budget: { of: 'ratio', must: 0.99, aim: 0.99 },
  }),
]);

const bulk = (['clear', 'tls'] as const).flatMap((security) =>
  (['down', 'up'] as const).flatMap((direction) =>
    [1, 16].map((clients) =>
      row(
        `bulk-${security}-${direction}-${clients}`,
        `Bulk ${direction}, ${security === 'tls' ? 'TLS, ' : ''}${clients === 1 ? 'one client' : `${clients} clients`}`,
        'CPU s/GiB',
        security === 'tls' ? ratio(0.9, 0.65) : ratio(0.7, 0.4),
      ),
    ),
  ),
);

export const ROWS: readonly Row[] = [
  ...logins,
  row('login-own-auth', 'Login, IMAP, auth by its own http block', 'µs CPU'),
  row('login-own-auth-socket', 'Login, IMAP, auth by its own http block, over sockets', 'µs CPU'),
  row('login-tls-rsa', 'Login, TLS, RSA-2048', 'µs CPU', ratio(1.15, 1.05)),
  row('login-tls-ec', 'Login, TLS, P-256', 'µs CPU', ratio(1, 0.9)),
  ...resumed,
  row('latency-clear-p50', 'Latency of a login, p50', 'ms'),
  row('latency-clear-p99', 'Latency of a login, p99', 'ms'),
  row('latency-tls-p50', 'Latency of a login, TLS, p50', 'ms', figure(3, 1.5)),
  row('latency-tls-p99', 'Latency of a login, TLS, p99', 'ms'),
  ...bulk,
  row('idle-base', 'Memory without sessions', 'MiB'),
  row('idle-clear-greeting', 'Idle session before login', 'KiB'),
  row('idle-clear-login', 'Idle session after login', 'KiB', ratio(1.05, 0.35)),
  row('idle-tls-greeting', 'Idle session before login, TLS', 'KiB'),
  row('idle-tls-login', 'Idle session after login, TLS', 'KiB', ratio(1.5, 1)),
  row('command', 'Command and reply', 'µs CPU', ratio(1.4, 1.2)),
  row('start-master', 'Start to greeting, with a master', 'ms', start(160, 120)),
  row('start-single', 'Start to greeting, master_process off', 'ms', start(110, 80)),
  row('start-test', 'Configuration test, -t', 'ms', start(100, 70)),
  row('start-node', 'Node.js alone, node -e 0', 'ms'),
  row('reload-refused', 'Reloads under load: refused', '', figure(0, 0)),
  row('reload-lost', 'Reloads under load: sessions lost', '', figure(0, 0)),
  row('reload-p99', 'Reloads under load: p99 to steady', '×', { budget: { of: 'figure', aim: 2 } }),
  row('workers-capacity', 'Two workers to one, by CPU of the busier', '×', { better: 'more', ...figure(1.8, 1.9) }),
  row('workers-logins', 'Two workers to one, logins a second', '×', { better: 'more' }),
];
