// The log module of mail: the formats of access logs, and where the line of a session goes.
import { args, type Directive, Fault, whole } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import type { Store } from '../../conf/store.ts';
import type { LineTarget } from '../../core/log-book.ts';
import type { AccessLog, LineOpener } from '../../script/log/access-log.ts';
import type { LogMain } from '../../script/log/directive.ts';
import { openLogFileCache } from '../../script/log/file-cache.ts';
import { defineMailModule } from '../define.ts';
import { makers } from '../script/late.ts';
import type { Session } from '../session/session.ts';
import { SessionLog } from './session-log.ts';

/** Of the mail block; what is in it is made when the configuration has something to log. */
interface LogBlock {
  main: LogMain<Session> | undefined;
}

interface LogRaw {
  logs: AccessLog<Session>[] | undefined;
  off: boolean;
  /** access_log_event: logins too. */
  logins: boolean | undefined;
  fileCache: true | undefined;
}

interface LogConf {
  readonly logs: readonly AccessLog<Session>[];
  /** undefined: there is nothing to write. */
  readonly session: SessionLog | undefined;
}

const both = { contexts: ['mail', 'mail.server'] } as const;
const MANY = Number.POSITIVE_INFINITY;
const EVENTS = ['session', 'auth'];

const mainOf = (block: LogBlock): LogMain<Session> => {
  block.main ??= makers().createLogMain();
  return block.main;
};

const logFormat: Directive<LogBlock> = {
  name: 'log_format',
  contexts: ['mail'],
  arity: args(2, MANY),
  doc: {
    syntax: 'log_format name [escape=default|json|none] string ...;',
    default: 'combined "..."',
    summary: 'What a line about a session or a login looks like: text and variables. Several strings are one.',
    values: ['escape=default', 'escape=json', 'escape=none'],
  },
  set: (cf, words, block) => makers().defineFormat(cf, words, mainOf(block)),
};

const accessLog: Directive<LogRaw> = {
  name: 'access_log',
  ...both,
  arity: args(1, MANY),
  doc: {
    syntax:
      'access_log path | syslog:server=address[,parameter=value] [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]] | off;',
    default: 'off',
    summary:
      'Where sessions are logged, a line each when they end. Several may stand on one level. A server with logs of its own does not use those of mail.',
    values: ['off', 'buffer=', 'gzip', 'flush=', 'if='],
  },
  set: (cf, words, conf) => {
    const [first, second] = words;
    if (first === 'off') {
      conf.off = true;
      return second === undefined ? undefined : whole(`invalid parameter "${second}"`);
    }
    const log = makers().readAccessLog(cf, words, mainOf(cf.store.get(logModule.main)));
    if (log instanceof Fault) return log;
    conf.logs ??= [];
    conf.logs.push(log);
    return undefined;
  },
};

const accessLogEvent = slot<'logins', boolean>(
  'access_log_event',
  'logins',
  args(1, EVENTS.length),
  {
    ...both,
    syntax: 'access_log_event session | auth ...;',
    default: 'session',
    summary: 'With auth the access logs have a line for each login too, when it is known what came of it.',
    values: EVENTS,
  },
  (words) => {
    const unknown = words.find((word) => !EVENTS.includes(word));
    if (unknown !== undefined) return whole(`invalid event "${unknown}"`);
    const twice = words.find((word, i) => words.indexOf(word) !== i);
    return twice === undefined ? words.includes('auth') : whole(`duplicate event "${twice}"`);
  },
);

export const logModule = defineMailModule({
  name: 'log',
  createMainConf: (): LogBlock => ({ main: undefined }),
  mainDirectives: [logFormat],
  createSrvConf: (): LogRaw => ({ logs: undefined, off: false, logins: undefined, fileCache: undefined }),
  srvDirectives: [accessLog, accessLogEvent, openLogFileCache('fileCache', both)],
  mergeSrvConf: (prev, conf): LogConf => {
    const { logs, off } = conf.logs !== undefined || conf.off ? conf : prev;
    if (off || logs === undefined) return { logs: [], session: undefined };
    return { logs, session: new SessionLog(logs, conf.logins ?? prev.logins ?? false) };
  },
});

/** Those of all servers, each once. */
const logsOf = (stores: readonly Store[]): ReadonlySet<AccessLog<Session>> =>
  new Set(stores.flatMap((store) => store.get(logModule.srv).logs));

/** Where the access logs of servers go. */
export const accessLogTargets = (stores: readonly Store[]): LineTarget[] =>
  [...logsOf(stores)].flatMap(({ target }) => target ?? []);

/** Before the files are. */
export function openAccessLogs(stores: readonly Store[], opener: LineOpener): void {
  const buffers = stores[0]?.get(logModule.main).main?.buffers;
  if (buffers === undefined) return;
  for (const log of logsOf(stores)) log.open(opener, buffers);
}
