// The log module: the formats of access logs, and where the line of a request goes.
import { args, type Directive, Fault, whole } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import type { LineTarget } from '../../core/log-book.ts';
import { AccessLog } from '../../script/log/access-log.ts';
import { type LogMain, parseAccessLog } from '../../script/log/directive.ts';
import { ESCAPES } from '../../script/log/escape.ts';
import { openLogFileCache } from '../../script/log/file-cache.ts';
import { LogFormats } from '../../script/log/format.ts';
import { defineHttpModule } from '../define.ts';
import { HTTP_BLOCK, levels, VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';

interface LogRaw {
  logs: AccessLog<HttpRequest>[] | undefined;
  off: boolean;
  fileCache: true | undefined;
}

interface LogConf {
  /** undefined: nothing is said of them, here and above. */
  readonly logs: readonly AccessLog<HttpRequest>[] | undefined;
  readonly off: boolean;
}

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

const ACTION = 'logging request';

const MANY = Number.POSITIVE_INFINITY;

const logFormat: Directive<LogMain<HttpRequest>> = {
  name: 'log_format',
  contexts: ['http'],
  arity: args(2, MANY),
  doc: {
    syntax: 'log_format name [escape=default|json|none] string ...;',
    default: 'combined "..."',
    summary: 'What a line of an access log looks like: text and variables. Several strings are one.',
    values: ['escape=default', 'escape=json', 'escape=none'],
  },
  set: (cf, [name = '', ...words], main) => main.formats.define(name, words, cf.store.get(VARIABLES)),
};

const accessLog: Directive<LogRaw> = {
  name: 'access_log',
  contexts: ['http', 'http.server', 'http.location', 'http.location.if', 'http.limit_except'],
  arity: args(1, MANY),
  doc: {
    syntax:
      'access_log path | syslog:server=address[,parameter=value] [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]] | off;',
    default: 'logs/access.log combined',
    summary:
      'Where requests are logged, a line each. Several may stand on one level. A level with logs of its own does not use those of the level above.',
    values: ['off', 'buffer=', 'gzip', 'flush=', 'if='],
  },
  set: (cf, words, conf) => {
    const [first, second] = words;
    if (first === 'off') {
      conf.off = true;
      return second === undefined ? undefined : whole(`invalid parameter "${second}"`);
    }
    const variables = cf.store.get(VARIABLES);
    const log = parseAccessLog(cf, words, {
      ...cf.store.get(logModule.main),
      variables,
      action: ACTION,
      root: () => variables.reference('document_root'),
    });
    if (log instanceof Fault) return log;
    conf.logs ??= [];
    conf.logs.push(log);
    return undefined;
  },
};

export const logModule = defineHttpModule({
  name: 'log',
  main: {
    create: (): LogMain<HttpRequest> => ({ formats: new LogFormats(COMBINED, ESCAPES), buffers: new Map() }),
    directives: [logFormat],
  },
  loc: {
    create: (): LogRaw => ({ logs: undefined, off: false, fileCache: undefined }),
    directives: [accessLog, openLogFileCache('fileCache', { contexts: ['http', 'http.server', 'http.location'] })],
    merge: (prev: LogConf | undefined, raw, { store, env }): LogConf => {
      if (raw.logs !== undefined || raw.off || prev === undefined) return raw;
      if (prev.logs !== undefined || prev.off) return prev;
      const combined = store.get(logModule.main).formats.find('combined', store.get(VARIABLES));
      if (combined === undefined) return raw;
      const path = `${env.prefix}logs/access.log`;
      return { logs: [new AccessLog({ kind: 'file', path }, combined, ACTION)], off: false };
    },
  },
  handlers: { log: record },
  start: ({ store, stores }, worker) => {
    if (store === undefined) return;
    const { buffers } = store.get(logModule.main);
    for (const log of logsOf([store, ...stores])) log.open(worker, buffers);
  },
});

function record(request: HttpRequest): void {
  const { logs, off } = request.conf(logModule.loc);
  if (off || logs === undefined) return;
  for (const log of logs) log.record(request);
}

/** Each of them once. */
const logsOf = (stores: readonly Store[]): ReadonlySet<AccessLog<HttpRequest>> =>
  new Set(stores.flatMap((level) => level.get(logModule.loc).logs ?? []));

/** Where the access logs of a configuration go. */
export const httpAccessLogs = (store: Store): LineTarget[] =>
  [...logsOf(levels(store.get(HTTP_BLOCK)))].flatMap(({ target }) => target ?? []);
