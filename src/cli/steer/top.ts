// `postern top`: what goes on, drawn anew every other second where there is a terminal.
import { type ApiClient, entriesOf, fieldOf, listOf, strange } from './api-client.ts';
import { table, visible } from './table.ts';

const INTERVAL_MS = 2000;
const ROWS = 24;
const COLUMNS = 80;
/** Another screen, no cursor, and no line that goes on in the next one. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const END_OF_LINE = '\x1b[K';
const END_OF_SCREEN = '\x1b[J';

/** They end it as `q` does, so that the terminal is as it was. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** What one look has seen. @throws Failure */
export async function look(api: ApiClient): Promise<Readonly<Record<string, unknown>>> {
  const nginx = await api.get('/nginx');
  if (typeof fieldOf(nginx, 'version') !== 'string') throw strange();
  const workers = await api.get('/workers');
  const zones = await api.get('/mail/server_zones');
  const upstreams = await api.get('/mail/upstreams');
  const sessions = await api.get('/mail/sessions?limit=50');
  return { nginx, workers, server_zones: zones, upstreams, sessions };
}

/** @param width a line that is longer is cut */
export function draw(seen: Readonly<Record<string, unknown>>, width?: number): string[] {
  const { nginx, workers, server_zones: zones, upstreams, sessions } = seen;
  const generation = visible(fieldOf(nginx, 'generation'));
  const head = `postern ${visible(fieldOf(nginx, 'version'))}  workers ${listOf(workers).length}  configuration ${generation}`;
  const servers = entriesOf(zones).map(([name, zone]) => [
    name,
    ...['protocol', 'processing', 'relaying', 'connections'].map((field) => fieldOf(zone, field)),
    ...['ok', 'refused', 'error', 'aborted'].map((field) => fieldOf(fieldOf(zone, 'logins'), field)),
  ]);
  const peers = entriesOf(upstreams).flatMap(([name, group]) =>
    listOf(fieldOf(group, 'peers')).map((peer) => [
      name,
      ...['server', 'state', 'active', 'connections', 'fails'].map((field) => fieldOf(peer, field)),
    ]),
  );
  const rows = listOf(fieldOf(sessions, 'sessions')).map((session) =>
    ['protocol', 'client', 'user', 'state', 'backend', 'since'].map((field) => fieldOf(session, field)),
  );
  return [
    width === undefined ? head : head.slice(0, width),
    '',
    ...table(
      [['SERVER', 'PROTOCOL', 'SESSIONS', 'RELAYS', 'TOTAL', 'OK', 'REFUSED', 'ERRORS', 'ABORTED'], ...servers],
      width,
    ),
    '',
    ...(peers.length === 0
      ? []
      : [...table([['GROUP', 'BACKEND', 'STATE', 'NOW', 'TOTAL', 'FAILS'], ...peers], width), '']),
    ...table([['PROTOCOL', 'CLIENT', 'USER', 'STATE', 'BACKEND', 'SINCE'], ...rows], width),
  ];
}

/** Until `q`, or Ctrl-C. */
export async function watch(api: ApiClient): Promise<void> {
  const { stdin, stdout } = process;
  let isOver = false;
  let wake = (): void => {};
  const stop = (): void => {
    isOver = true;
    api.close();
    wake();
  };
  const onKeys = (keys: Buffer): void => {
    if (keys.includes('q') || keys.includes(3)) stop();
  };
  stdin.setRawMode(true);
  stdin.on('data', onKeys).on('end', stop);
  for (const signal of SIGNALS) process.on(signal, stop);
  stdout.on('resize', () => wake());
  stdout.write(ENTER);
  try {
    while (!isOver) {
      const seen = await look(api).catch((error: unknown) => {
        if (!isOver) throw error;
      });
      if (seen === undefined) break;
      const lines = draw(seen, stdout.columns || COLUMNS).slice(0, (stdout.rows || ROWS) - 1);
      stdout.write(`${HOME}${lines.map((line) => `${line}${END_OF_LINE}\r\n`).join('')}${END_OF_SCREEN}`);
      if (isOver) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, INTERVAL_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    stdout.write(LEAVE);
    stdin.setRawMode(false);
    stdin.off('data', onKeys).pause();
  }
}
