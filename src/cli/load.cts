// Runs the program: one script, which is a function of what a CommonJS module has.
import type { Script } from 'node:vm';
import type { Code } from '../process/worker/worker-code.ts' with { 'resolution-mode': 'import' };

/** What `entry.cts` exports. */
interface Program {
  command(argv: readonly string[], code: Code): Promise<number>;
  worker(): void;
}

/** What this file exports. */
export interface Loader {
  readonly compile: typeof compile;
  readonly run: typeof run;
  readonly saveMemory: typeof saveMemory;
  readonly BOOT: readonly string[];
}

type Body = (require: NodeJS.Require, module: { exports: Partial<Program> }, exports: object, file: string) => void;

/**
 * V8 takes the cache if it is of this version, of this text and made with these flags, and else compiles the text. Its
 * name is a URL: tools that measure coverage know scripts by that.
 */
function compile({ file, text, cache }: Pick<Code, 'file' | 'text' | 'cache'>): Script {
  const vm: typeof import('node:vm') = require('node:vm');
  return new vm.Script(text.toString('latin1'), {
    filename: `file://${file}`,
    ...(cache === undefined ? {} : { cachedData: cache }),
  });
}

function run(script: Script, file: string): Partial<Program> {
  const module = { exports: {} };
  const body: Body = script.runInThisContext();
  body(require, module, module.exports, file);
  return module.exports;
}

/**
 * Sessions leave little behind, so V8 may keep its young generation small, and collect the old one before it has grown
 * by half. To be called between the two, since V8 does not take a cache once its flags are others.
 */
function saveMemory(): void {
  const v8: typeof import('node:v8') = require('node:v8');
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  v8.setFlagsFromString('--heap-growing-percent=40');
}

/**
 * Without it V8 collects garbage in the first quiet seconds in a way that drops compiled code whose objects are gone:
 * the next logins would cost twice as much. It counts from the start of a process only, and is none of the flags that
 * the cache depends on.
 */
const KEEP_CODE = '--no-memory-reducer';
/** The last major version that is known to have it: Node.js does not start with a flag that its V8 does not know. */
const LAST_V8 = 14;
const isKnown = Number.parseInt(process.versions.v8, 10) <= LAST_V8;

/** The arguments of a worker process: it waits for its code, and runs it. */
const BOOT: readonly string[] = [
  ...(isKnown ? [KEEP_CODE] : []),
  '-e',
  `${compile}${run}${saveMemory}
process.once('message', (code) => {
  const script = compile(code);
  saveMemory();
  run(script, code.file).worker();
});`,
];

module.exports = { compile, run, saveMemory, BOOT };
