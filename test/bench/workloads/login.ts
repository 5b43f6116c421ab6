// Processor time of logins, in clear and over TLS, and how many TLS sessions are resumed.
import type { Scope } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';
import {
  type Contestant,
  MailProxy,
  NGINX,
  NGINX_OWN_AUTH,
  OWN_AUTH,
  OWN_AUTH_BY_SOCKET,
  POSTERN,
  present,
  TUNED,
} from '../proxy.ts';
import { inRounds, numberOf, type Slice, slice } from '../rounds.ts';
import { PROTOCOLS, type Protocol } from '../rows.ts';
import { testsWell } from '../test-configuration.ts';
import type { Workload } from './workload.ts';

const ABREAST = 32;
/** nginx waits for acknowledgements in each TLS login. */
const TLS_ABREAST = 64;

const microseconds = ({ cpuMs, found }: Slice): number => (cpuMs / numberOf(found, 'good')) * 1000;

/** One row: warmed up, since what is compiled at run time is by then, then in rounds. */
async function compare(
  bench: Bench,
  proxies: readonly MailProxy[],
  load: (proxy: MailProxy) => Promise<Slice>,
  take: (proxy: MailProxy, slice: Slice) => void,
): Promise<void> {
  const { warmUps, rounds } = bench.options.sizes;
  for (let i = 0; i < warmUps; i++) for (const proxy of proxies) await load(proxy);
  await inRounds(rounds, proxies, async (proxy) => take(proxy, await load(proxy)));
}

async function start(scope: Scope, bench: Bench, ...contestants: readonly Contestant[]): Promise<readonly MailProxy[]> {
  const proxies: MailProxy[] = [];
  for (const contestant of present(...contestants)) proxies.push(await MailProxy.start(scope, bench, contestant));
  return proxies;
}

async function inClear(bench: Bench, proxies: readonly MailProxy[], protocol: Protocol, row: string): Promise<void> {
  const { logins } = bench.options.sizes;
  await compare(
    bench,
    proxies,
    (proxy) => slice(bench, proxy, proxy.door(protocol), { mode: 'login', count: logins, abreast: ABREAST }),
    (proxy, measured) => bench.figures.add(row, proxy.name, microseconds(measured)),
  );
}

export const loginWorkload: Workload = {
  name: 'login',
  rows: PROTOCOLS.map((protocol) => `login-${protocol}`),
  run: async (bench, scope, wants) => {
    const proxies = await start(scope, bench, POSTERN, NGINX);
    for (const protocol of PROTOCOLS) {
      const row = `login-${protocol}`;
      if (wants(row)) await inClear(bench, proxies, protocol, row);
    }
  },
};

const tunedRow = (protocol: Protocol): string => `login-${protocol}-tuned`;

export const tunedLoginWorkload: Workload = {
  name: 'login-tuned',
  rows: PROTOCOLS.map(tunedRow),
  run: async (bench, scope, wants) => {
    const refusal = await testsWell(scope, bench, TUNED);
    if (refusal !== undefined) {
      for (const protocol of PROTOCOLS) if (wants(tunedRow(protocol))) bench.figures.skip(tunedRow(protocol), refusal);
      return;
    }
    const proxies = await start(scope, bench, TUNED, NGINX);
    for (const protocol of PROTOCOLS) {
      if (wants(tunedRow(protocol))) await inClear(bench, proxies, protocol, tunedRow(protocol));
    }
  },
};

/** auth_http_loopback on and off in the same rounds, and nginx, which has sockets only. */
export const ownAuthLoginWorkload: Workload = {
  name: 'login-own-auth',
  rows: ['login-own-auth', 'login-own-auth-socket'],
  run: async (bench, scope) => {
    const [inMemory, bySocket, ...rivals] = await start(scope, bench, OWN_AUTH, OWN_AUTH_BY_SOCKET, NGINX_OWN_AUTH);
    const [first, second] = ownAuthLoginWorkload.rows;
    if (inMemory === undefined || bySocket === undefined || first === undefined || second === undefined) return;
    const { logins } = bench.options.sizes;
    await compare(
      bench,
      [inMemory, bySocket, ...rivals],
      (proxy) => slice(bench, proxy, proxy.door('imap'), { mode: 'login', count: logins, abreast: ABREAST }),
      (proxy, measured) => {
        if (proxy !== bySocket) bench.figures.add(first, proxy.name, microseconds(measured));
        if (proxy !== inMemory) bench.figures.add(second, proxy.name, microseconds(measured));
      },
    );
  },
};

export const tlsLoginWorkload: Workload = {
  name: 'login-tls',
  rows: ['login-tls-rsa', 'login-tls-ec'],
  run: async (bench, scope, wants) => {
    const proxies = await start(scope, bench, POSTERN, NGINX);
    for (const listener of ['rsa', 'ec'] as const) {
      const row = `login-tls-${listener}`;
      if (!wants(row)) continue;
      const count = bench.options.sizes.tlsLogins;
      await compare(
        bench,
        proxies,
        (proxy) =>
          slice(bench, proxy, proxy.door(listener, '1.3'), {
            mode: 'login',
            count: count,
            abreast: TLS_ABREAST,
          }),
        (proxy, measured) => bench.figures.add(row, proxy.name, microseconds(measured)),
      );
    }
  },
};

export const resumedLoginWorkload: Workload = {
  name: 'login-resumed',
  rows: ['1.2', '1.3'].flatMap((version) => [`login-tls-${version}-resumed`, `resumed-tls-${version}`]),
  run: async (bench, scope, wants) => {
    const proxies = await start(scope, bench, POSTERN, NGINX);
    for (const version of ['1.2', '1.3'] as const) {
      const [costRow, rateRow] = [`login-tls-${version}-resumed`, `resumed-tls-${version}`];
      if (!wants(costRow) && !wants(rateRow)) continue;
      const count = bench.options.sizes.tlsLogins;
      await compare(
        bench,
        proxies,
        (proxy) =>
          slice(bench, proxy, proxy.door('rsa', version), {
            mode: 'login',
            count: count,
            abreast: TLS_ABREAST,
            resume: 1,
          }),
        (proxy, measured) => {
          bench.figures.add(costRow, proxy.name, microseconds(measured));
          // The first of each lane has nothing to resume.
          const could = numberOf(measured.found, 'good') - TLS_ABREAST;
          bench.figures.add(rateRow, proxy.name, (numberOf(measured.found, 'resumed') / could) * 100);
        },
      );
    }
  },
};
