// The command from its first moment on: reads the options, starts what takes long, and loads the rest.
import { Signals } from '../process/signals.ts';
import { DAEMON } from '../process/start/background.ts';
import { guessesWorkers } from '../process/start/guess.ts';
import { SpareWorker } from '../process/worker/spare-worker.ts';
import { type Code, WorkerCode } from '../process/worker/worker-code.ts';
import { workerEnvironment } from '../process/worker/worker-process.ts';
import { type Options, parseOptions } from './options.ts';
import { defaults, resolvePaths } from './paths.ts';
import { say, surviveClosedStreams } from './say.ts';
import { buildLines, helpText, versionLine } from './version.ts';

/** Words of our own in place of options. */
const STEERING: ReadonlySet<string> = new Set(['top', 'sessions', 'kick', 'drain', 'undrain', 'hold', 'release']);

/**
 * Runs the command.
 * @param argv without node and the script
 * @param code of this program, for worker processes
 * @returns the exit code
 */
export async function main(argv: readonly string[], code: Code): Promise<number> {
  // The ordinary end closes what is open, and libuv removes the file of a unix socket that a successor may own by now.
  process.on('beforeExit', () => process.exit());
  if (STEERING.has(argv[0] ?? '')) return await (await import('./steer/steer.ts')).steer(argv);
  const signals = new Signals();
  const options = parseOptions(argv.map((word) => Buffer.from(word, 'utf8').toString('latin1')));
  if (typeof options === 'string') {
    surviveClosedStreams();
    say(`nginx: ${options}\n`);
    return 1;
  }
  if (options.version) {
    surviveClosedStreams();
    say(versionText(options));
    if (!options.test) return 0;
  }
  if (process.env[DAEMON] !== undefined) process.umask(0);
  const paths = resolvePaths(options);
  const workers = new WorkerCode(code);
  const serves = !options.test && options.signal === undefined;
  const spare =
    serves && guessesWorkers(paths.file, options.globalDirectives ?? '')
      ? new SpareWorker(workers, workerEnvironment([]))
      : undefined;
  try {
    surviveClosedStreams();
    const { Command } = await import('./command.ts');
    return await new Command({ options, paths, argv, signals, code: workers, spare }).run();
  } finally {
    spare?.dismiss();
  }
}

function versionText(options: Options): string {
  const base = defaults(options.prefix);
  return versionLine() + (options.help ? helpText(base) : '') + (options.build ? buildLines(base) : '');
}
