// Words of our own in place of nginx's options: top, sessions, kick, drain, undrain, hold and release, by way of the api.
import { isSessionId } from '../../control/session-view.ts';
import { surviveClosedStreams } from '../say.ts';
import { ApiClient, fieldOf, listIn, strange } from './api-client.ts';
import { Failure } from './failure.ts';
import { findApi, parseApi } from './find-api.ts';
import { asciiJson, table, visible } from './table.ts';
import { draw, look, watch } from './top.ts';
import { parseWords, type Words } from './words.ts';

const FILTERS = ['user', 'client', 'server', 'server-zone', 'protocol', 'backend', 'state', 'idle'];
const PAGE = 1000;
/** More than any server has. */
const MAX_SESSIONS = 2_000_000;
/** `USER:PASSWORD`, which other users of the machine would see in arguments. */
const CREDENTIALS = 'POSTERN_API_CREDENTIALS';

const USAGE: Readonly<Record<string, string>> = {
  top: 'postern top',
  sessions:
    'postern sessions [--user NAME] [--client ADDRESS] [--server ADDRESS] [--server-zone NAME]\n         [--protocol NAME] [--backend ADDRESS] [--state STATE] [--idle TIME]',
  kick: 'postern kick ID | --all | filters as those of sessions',
  drain: 'postern drain GROUP SERVER',
  undrain: 'postern undrain GROUP SERVER',
  hold: 'postern hold USER [--time TIME] [--end-sessions]',
  release: 'postern release USER',
};

/** How many plain arguments a word takes, where there are some. */
const PLAIN: ReadonlyMap<string, number> = new Map([
  ['drain', 2],
  ['undrain', 2],
  ['hold', 1],
  ['release', 1],
]);

/** @param argv the word first @returns the exit code */
export async function steer([word = '', ...rest]: readonly string[]): Promise<number> {
  surviveClosedStreams();
  try {
    const words = parseWords(rest, [...FILTERS, 'api', 'time'], ['json', 'all', 'end-sessions', 'help']);
    if (words.flags.has('help')) {
      const options = '         [--json] [--api URL | --api unix:PATH] [-c FILE] [-p PREFIX] [-g DIRECTIVES]';
      process.stdout.write(`Usage: ${USAGE[word]}\n${options}\n`);
      return 0;
    }
    check(word, words);
    await carryOut(word, words, new ApiClient(apiOf(word, words)));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`postern: ${visible(error.message)}\n`);
    return error.code;
  }
}

/** @throws Failure */
function check(word: string, { values, flags, plain }: Words): void {
  const hasFilter = FILTERS.some((name) => values.has(name));
  const takes = word === 'sessions' || word === 'kick';
  if ((hasFilter && !takes) || (flags.has('all') && word !== 'kick')) throw new Failure(2, `${word} takes no filter`);
  if ((values.has('time') || flags.has('end-sessions')) && word !== 'hold') {
    throw new Failure(2, `${word} takes neither --time nor --end-sessions`);
  }
  if (word === 'kick') {
    const ways = Number(hasFilter) + Number(flags.has('all')) + plain.length;
    if (ways !== 1) throw new Failure(2, 'kick takes an id, filters, or --all');
  } else if (plain.length !== (PLAIN.get(word) ?? 0)) throw new Failure(2, `usage: ${USAGE[word]}`);
}

function apiOf(word: string, { values }: Words): ReturnType<typeof parseApi> {
  const credentials = process.env[CREDENTIALS];
  const named = values.get('api');
  if (named !== undefined) return parseApi(named, credentials);
  const files = ['c', 'p', 'g'].flatMap((letter) => {
    const value = values.get(`-${letter}`);
    return value === undefined ? [] : [`-${letter}`, value];
  });
  return findApi(files, word !== 'sessions' && word !== 'top', credentials);
}

async function carryOut(word: string, words: Words, api: ApiClient): Promise<void> {
  const isJson = words.flags.has('json');
  const print = (lines: readonly string[], value: unknown): void => {
    process.stdout.write(isJson ? `${asciiJson(value)}\n` : lines.map((line) => `${line}\n`).join(''));
  };
  switch (word) {
    case 'top': {
      if (process.stdin.isTTY && process.stdout.isTTY && !isJson) return await watch(api);
      const seen = await look(api);
      return print(draw(seen), seen);
    }
    case 'sessions': {
      const sessions = await allSessions(api, queryOf(words));
      return print(sessionLines(sessions), sessions);
    }
    case 'kick': {
      const [id] = words.plain;
      // What is no id could be a path to something else.
      if (id !== undefined && !isSessionId(id)) throw new Failure(1, 'no such session');
      const query = words.flags.has('all') ? 'all=1' : queryOf(words);
      const answer = await api.ask('DELETE', `/mail/sessions${id === undefined ? `?${query}` : `/${id}`}`);
      const ended = fieldOf(answer, 'ended');
      if (typeof ended !== 'number') throw strange();
      if (ended === 0) throw new Failure(1, 'no such session');
      return print([`ended: ${visible(ended)}`], answer);
    }
    case 'hold': {
      const answer = await hold(api, words);
      if (typeof fieldOf(answer, 'until') !== 'string') throw strange();
      const until = `${visible(words.plain[0])}: held until ${visible(fieldOf(answer, 'until'))}`;
      return print([until, `ended: ${visible(fieldOf(answer, 'ended'))}`], answer);
    }
    case 'release': {
      const answer = await api.ask('DELETE', holdOf(words));
      if (typeof fieldOf(answer, 'released') !== 'number') throw strange();
      return print([`released: ${visible(fieldOf(answer, 'released'))}`], answer);
    }
    default: {
      const servers = await drain(api, words.plain, word === 'drain');
      const state = word === 'drain' ? 'draining' : 'up';
      const lines = servers.map((server) => `${visible(fieldOf(server, 'server'))}: ${state}`);
      return print(lines, servers.length === 1 ? servers[0] : servers);
    }
  }
}

const queryOf = ({ values }: Words): string =>
  FILTERS.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [`${name.replace('-', '_')}=${encodeURIComponent(value)}`];
  }).join('&');

/** @throws Failure */
async function allSessions(api: ApiClient, query: string): Promise<unknown[]> {
  const sessions: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await api.get(`/mail/sessions?limit=${PAGE}${more}${query === '' ? '' : `&${query}`}`);
    const found = listIn(fieldOf(page, 'sessions'));
    const next: unknown = fieldOf(page, 'cursor');
    // Who always has another page is not the api.
    const isCursor = next === null || (typeof next === 'string' && next !== cursor);
    if (!isCursor || found.length > PAGE || sessions.length > MAX_SESSIONS) throw strange();
    sessions.push(...found);
    cursor = found.length === 0 ? null : next;
  }
  return sessions;
}

const FIELDS = ['id', 'protocol', 'server_zone', 'client', 'user', 'state', 'backend', 'tls', 'since'];

const sessionLines = (sessions: readonly unknown[]): string[] =>
  table([
    [...FIELDS.map((name) => name.toUpperCase()), 'IDLE'],
    ...sessions.map((session) => [...FIELDS.map((name) => fieldOf(session, name)), seconds(fieldOf(session, 'idle'))]),
  ]);

const seconds = (ms: unknown): unknown => (typeof ms === 'number' ? `${Math.floor(ms / 1000)}s` : undefined);
const holdOf = ({ plain: [user = ''] }: Words): string => `/mail/users/${encodeURIComponent(user)}/delay`;

function hold(api: ApiClient, words: Words): Promise<unknown> {
  const time = words.values.get('time');
  const ends = words.flags.has('end-sessions');
  return api.ask('POST', holdOf(words), { ...(time === undefined ? {} : { time }), end_sessions: ends });
}

/** All that are there by that address or name: a group may have the same server several times. @throws Failure */
async function drain(
  api: ApiClient,
  [group = '', server = '']: readonly string[],
  drains: boolean,
): Promise<readonly unknown[]> {
  const path = `/mail/upstreams/${encodeURIComponent(group)}/servers`;
  const found = listIn(await api.get(path)).filter((one) => fieldOf(one, 'server') === server);
  const own = found.filter((one) => fieldOf(one, 'parent') === undefined);
  const [name] = found.map((one) => fieldOf(one, 'host'));
  if (own.length === 0) {
    throw new Failure(
      1,
      name === undefined ? `no server "${server}" in "${group}"` : `"${server}" is part of "${name}"`,
    );
  }
  const changed: unknown[] = [];
  for (const id of own.map((one) => fieldOf(one, 'id'))) {
    if (typeof id !== 'number') throw strange();
    changed.push(await api.ask('PATCH', `${path}/${id}`, { drain: drains }));
  }
  return changed;
}
