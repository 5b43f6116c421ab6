// nginx's core module: the directives of the main context.
import { cpus } from 'node:os';
import { args, type ByteString, type Directive, Fault } from '../conf/directive.ts';
import {
  enumSlot,
  flagSlot,
  listSlot,
  msecSlot,
  numSlot,
  offsetSlot,
  prefixPathSlot,
  slot,
  stringSlot,
} from '../conf/slots.ts';
import { parseNumber } from '../conf/values.ts';
import { defineCoreModule } from '../module/core-module.ts';
import { type Account, type HasUser, userDirective } from './accounts.ts';
import { affinityWarning, type CpuAffinity, cpuAffinityDirective, type HasCpuAffinity } from './cpu-affinity.ts';
import { type ErrorLogSpec, errorLogDirective, type HasErrorLog } from './error-log.ts';
import { type HasThreadPools, threadPoolDirective } from './thread-pool.ts';

interface CoreRaw extends HasErrorLog, HasUser, HasCpuAffinity, HasThreadPools {
  daemon: boolean | undefined;
  masterProcess: boolean | undefined;
  configWatch: boolean | undefined;
  transport: CoreConf['transport'] | undefined;
  workerProcesses: number | undefined;
  workerRlimitNofile: number | undefined;
  workerRlimitCore: number | undefined;
  workerPriority: number | undefined;
  workerShutdownTimeout: number | undefined;
  workingDirectory: ByteString | undefined;
  pid: ByteString | undefined;
  lockFile: ByteString | undefined;
  env: ByteString[] | undefined;
  debugPoints: 'stop' | 'abort' | undefined;
  timerResolution: number | undefined;
  pcreJit: boolean | undefined;
  sslEngine: ByteString | undefined;
  sslObjectCacheInheritable: boolean | undefined;
}

export interface CoreConf {
  readonly daemon: boolean;
  readonly masterProcess: boolean;
  /** Whether a change of its files reloads the configuration. */
  readonly configWatch: boolean;
  /** How connections are made. */
  readonly transport: 'auto' | 'net' | 'handle';
  readonly workerProcesses: number;
  readonly workerPriority: number;
  readonly rlimitNofile: number | undefined;
  /** Bytes. */
  readonly rlimitCore: number | undefined;
  readonly affinity: CpuAffinity | undefined;
  /** Milliseconds; 0 is without limit. */
  readonly workerShutdownTimeout: number;
  readonly workingDirectory: ByteString | undefined;
  /** Undefined: the default of the build, where root starts us. */
  readonly user: Account | undefined;
  /** Undefined: the default of the build. */
  readonly pid: ByteString | undefined;
  /** `NAME` keeps a variable for the workers, `NAME=VALUE` sets it. */
  readonly env: readonly ByteString[];
  /** Empty: the default log at level error. */
  readonly errorLog: readonly ErrorLogSpec[];
}

const main = { contexts: ['main'] } as const;

const workerDirectives: readonly Directive<CoreRaw>[] = [
  slot<'workerProcesses', number>(
    'worker_processes',
    'workerProcesses',
    args(1),
    {
      ...main,
      syntax: 'worker_processes number | auto;',
      default: '1',
      summary: 'How many worker processes run; with auto, as many as there are processors.',
      values: ['auto'],
    },
    ([text = '']) => (text === 'auto' ? cpus().length : (parseNumber(text) ?? new Fault('invalid value'))),
  ),
  slot<'workerPriority', number>(
    'worker_priority',
    'workerPriority',
    args(1),
    {
      ...main,
      syntax: 'worker_priority number;',
      default: '0',
      summary: 'The scheduling priority of worker processes, as nice takes it: less is more.',
    },
    ([text = '']) => {
      const value = parseNumber(text.replace(/^[-+]/, ''));
      return value === undefined ? new Fault('invalid number') : text.startsWith('-') ? 0 - value : value;
    },
  ),
  msecSlot('worker_shutdown_timeout', 'workerShutdownTimeout', {
    ...main,
    syntax: 'worker_shutdown_timeout time;',
    default: '0',
    summary: 'How long a worker that shuts down gracefully lets proxied sessions go on. 0 sets no limit.',
  }),
  numSlot('worker_rlimit_nofile', 'workerRlimitNofile', {
    ...main,
    syntax: 'worker_rlimit_nofile number;',
    summary: 'The limit of open files of a worker process.',
  }),
  offsetSlot('worker_rlimit_core', 'workerRlimitCore', {
    ...main,
    syntax: 'worker_rlimit_core size;',
    summary: 'The largest core dump of a worker process.',
  }),
  cpuAffinityDirective,
  stringSlot('working_directory', 'workingDirectory', {
    ...main,
    syntax: 'working_directory directory;',
    summary: 'The directory that worker processes run in; relative names of Unix sockets start there.',
  }),
  listSlot('env', 'env', {
    ...main,
    syntax: 'env variable[=value];',
    default: 'TZ',
    summary: 'A variable of the environment that worker processes keep, or get with a value of its own.',
  }),
];

const processDirectives: readonly Directive<CoreRaw>[] = [
  flagSlot('daemon', 'daemon', {
    ...main,
    syntax: 'daemon on | off;',
    default: 'on',
    summary: 'Whether to go to the background.',
  }),
  flagSlot('master_process', 'masterProcess', {
    ...main,
    syntax: 'master_process on | off;',
    default: 'on',
    summary: 'Whether worker processes are started. When off, a single process does everything.',
  }),
  flagSlot('config_watch', 'configWatch', {
    ...main,
    syntax: 'config_watch on | off;',
    default: 'off',
    summary:
      'Whether the configuration is reloaded when one of its files, a certificate or a key changes. Not in nginx.',
  }),
  enumSlot(
    'transport',
    'transport',
    { auto: 'auto', net: 'net', handle: 'handle' },
    {
      ...main,
      syntax: 'transport auto | net | handle;',
      default: 'auto',
      summary:
        'How mail connections are made: by streams of Node.js (net), or by the handles underneath them (handle), ' +
        'which take less time and memory. With auto, by handles where a self-test at start passes. Not in nginx.',
    },
  ),
  userDirective(),
  prefixPathSlot('pid', 'pid', {
    ...main,
    syntax: 'pid file;',
    default: 'logs/nginx.pid',
    summary: 'The file that holds the number of the master process.',
  }),
  errorLogDirective(['main']),
  prefixPathSlot('lock_file', 'lockFile', {
    ...main,
    syntax: 'lock_file file;',
    default: 'logs/nginx.lock',
    summary: 'The file of the accept mutex.',
    noEffect: 'there is no accept mutex',
  }),
  enumSlot(
    'debug_points',
    'debugPoints',
    { stop: 'stop', abort: 'abort' },
    {
      ...main,
      syntax: 'debug_points abort | stop;',
      summary: 'Whether an internal error stops or aborts the process.',
      noEffect: 'there are no debug points',
    },
  ),
  msecSlot('timer_resolution', 'timerResolution', {
    ...main,
    syntax: 'timer_resolution interval;',
    summary: 'How often a worker process reads the clock.',
    noEffect: 'it tunes the clock of nginx',
  }),
  flagSlot('pcre_jit', 'pcreJit', {
    ...main,
    syntax: 'pcre_jit on | off;',
    default: 'off',
    summary: 'Whether regular expressions are compiled to machine code.',
    noEffect: 'it tunes the regular expressions of nginx',
  }),
  threadPoolDirective,
  stringSlot('ssl_engine', 'sslEngine', {
    ...main,
    syntax: 'ssl_engine device;',
    summary: 'An OpenSSL engine for cryptographic hardware.',
    noEffect: 'OpenSSL engines are not used',
  }),
  flagSlot('ssl_object_cache_inheritable', 'sslObjectCacheInheritable', {
    ...main,
    syntax: 'ssl_object_cache_inheritable on | off;',
    default: 'on',
    summary: 'Whether certificates and keys that did not change are kept over a reload.',
    noEffect: 'certificates are read again at every reload',
  }),
];

const unset = (): CoreRaw => ({
  daemon: undefined,
  masterProcess: undefined,
  configWatch: undefined,
  transport: undefined,
  workerProcesses: undefined,
  workerRlimitNofile: undefined,
  workerRlimitCore: undefined,
  workerPriority: undefined,
  cpuAffinity: undefined,
  workerShutdownTimeout: undefined,
  workingDirectory: undefined,
  user: undefined,
  pid: undefined,
  lockFile: undefined,
  env: undefined,
  errorLog: undefined,
  debugPoints: undefined,
  timerResolution: undefined,
  pcreJit: undefined,
  threadPools: new Set(),
  sslEngine: undefined,
  sslObjectCacheInheritable: undefined,
});

export const coreModule = defineCoreModule({
  name: 'core',
  directives: [...processDirectives, ...workerDirectives],
  createConf: unset,
  initConf: (raw, _store, env): CoreConf => {
    const workerProcesses = raw.workerProcesses ?? 1;
    const warning = affinityWarning(raw.cpuAffinity, workerProcesses);
    if (warning !== undefined) env.report('warn', warning);
    return {
      daemon: raw.daemon ?? true,
      masterProcess: raw.masterProcess ?? true,
      configWatch: raw.configWatch ?? false,
      transport: raw.transport ?? 'auto',
      workerProcesses,
      workerPriority: raw.workerPriority ?? 0,
      rlimitNofile: raw.workerRlimitNofile,
      rlimitCore: raw.workerRlimitCore,
      affinity: raw.cpuAffinity,
      workerShutdownTimeout: raw.workerShutdownTimeout ?? 0,
      workingDirectory: raw.workingDirectory,
      user: raw.user,
      pid: raw.pid,
      env: raw.env ?? [],
      errorLog: raw.errorLog ?? [],
    };
  },
});
