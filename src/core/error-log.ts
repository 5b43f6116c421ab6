// The error_log directive: a destination and its levels, as plain data; opening the logs is a later step.
import {
  args,
  type ByteString,
  type ConfCursor,
  type ContextName,
  type Directive,
  Fault,
  whole,
} from '../conf/directive.ts';
import { parseSize } from '../conf/values.ts';
import { Level } from './log.ts';
import { parseSyslogTarget, type SyslogTarget } from './syslog-target.ts';

const DEBUG_CLASSES = ['core', 'alloc', 'mutex', 'event', 'http', 'mail', 'stream'] as const;
type DebugClass = (typeof DEBUG_CLASSES)[number];

type ErrorLogDestination =
  /** `path` is absolute, or as the prefix makes it. */
  | { readonly kind: 'file'; readonly path: ByteString }
  | { readonly kind: 'stderr' }
  | { readonly kind: 'syslog'; readonly syslog: SyslogTarget }
  /** A ring of the last records; `size` in bytes. */
  | { readonly kind: 'memory'; readonly size: number };

export type ErrorLogSpec = ErrorLogDestination & {
  readonly level: Level;
  /** Where set, debug records of these classes only; `level` is then debug. */
  readonly debugClasses: ReadonlySet<DebugClass> | undefined;
  /** format=json. */
  readonly json?: true;
  /** filter=: records with one of these tags. */
  readonly tags?: ReadonlySet<ByteString>;
};

/** What a struct needs to take the directive. */
export interface HasErrorLog {
  errorLog: ErrorLogSpec[] | undefined;
}

/** The smallest ring that nginx takes: one whole record and its bookkeeping. */
const MIN_MEMORY = 2121;

const LEVELS: ReadonlyMap<string, Level> = new Map(Object.entries(Level));

/** The directive for the contexts of one module; several on one level add up. */
export function errorLogDirective(contexts: readonly ContextName[]): Directive<HasErrorLog> {
  return {
    name: 'error_log',
    contexts,
    arity: args(1, Number.POSITIVE_INFINITY),
    doc: {
      syntax:
        'error_log file | stderr | syslog:server=address[,parameter=value] | memory:size [level] [format=json] [filter=tag:name ...];',
      default: 'logs/error.log error',
      summary:
        'Where errors are logged, and from which level on. Several logs may stand on one level. A level that names its own logs does not use those of the level above.',
      values: ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg', 'format=json', 'filter=tag:'],
    },
    set: (cf, [destination = '', ...words], conf) => {
      const target = parseDestination(cf, destination);
      if (target instanceof Fault) return target;
      const level = parseLevels(words.filter((word) => !PARAMETER.test(word)));
      if (level instanceof Fault) return level;
      const parameters = parseParameters(words.filter((word) => PARAMETER.test(word)));
      if (parameters instanceof Fault) return parameters;
      conf.errorLog = [...(conf.errorLog ?? []), { ...target, ...level, ...parameters }];
      return undefined;
    },
  };
}

function parseDestination(cf: ConfCursor, text: ByteString): ErrorLogDestination | Fault {
  if (text === 'stderr' || text === '') return { kind: 'stderr' };
  if (text.startsWith('syslog:')) {
    const syslog = parseSyslogTarget(text.slice('syslog:'.length), (name) => cf.env.resolveHost(name));
    return syslog instanceof Fault ? syslog : { kind: 'syslog', syslog };
  }
  if (text.startsWith('memory:')) {
    const digits = text.slice('memory:'.length);
    const size = parseSize(digits) ?? 0;
    return size < MIN_MEMORY ? whole(`invalid buffer size "${digits}"`) : { kind: 'memory', size };
  }
  return { kind: 'file', path: cf.prefixPath(text) };
}

const PARAMETER = /^(?:format|filter)=/;
const TAG = 'filter=tag:';

function parseParameters(words: readonly ByteString[]): Pick<ErrorLogSpec, 'json' | 'tags'> | Fault {
  const tags = new Set<ByteString>();
  let json = false;
  for (const word of words) {
    const value = word.slice(word.indexOf('=') + 1);
    if (word.startsWith(TAG) && word !== TAG) tags.add(word.slice(TAG.length));
    else if (word.startsWith('filter=')) return whole(`invalid log filter "${value}"`);
    else if (value !== 'json') return whole(`unknown log format "${value}"`);
    else if (json) return whole(`duplicate log format "${value}"`);
    else json = true;
  }
  return { ...(json && { json }), ...(tags.size > 0 && { tags }) };
}

/** One plain level, or `debug_…` classes. No word means error. */
function parseLevels(words: readonly ByteString[]): Pick<ErrorLogSpec, 'level' | 'debugClasses'> | Fault {
  const classes = new Set<DebugClass>();
  let plain: Level | undefined;
  for (const word of words) {
    const level = LEVELS.get(word);
    const debug = DEBUG_CLASSES.find((name) => word === `debug_${name}`);
    if (level !== undefined) {
      if (plain !== undefined || classes.size > 0) return whole(`duplicate log level "${word}"`);
      plain = level;
    } else if (debug !== undefined && plain === undefined) {
      classes.add(debug);
    } else {
      return whole(`invalid log level "${word}"`);
    }
  }
  if (classes.size > 0) return { level: Level.debug, debugClasses: classes };
  return { level: plain ?? Level.error, debugClasses: undefined };
}
