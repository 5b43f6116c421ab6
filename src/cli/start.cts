// The beginning of the command: loads the program, with what V8 has made of it before, and runs it.
import type { Code } from '../process/worker/worker-code.ts' with { 'resolution-mode': 'import' };
import type { Loader } from './load.cts';

const { readFileSync }: typeof import('node:fs') = require('node:fs');
const { join }: typeof import('node:path') = require('node:path');
const { compile, run, saveMemory, BOOT }: Loader = require('./load.cjs');

const file = join(__dirname, '..', '..', 'command', 'postern.js');

/** The build leaves one for the Node.js that it runs on; without it a start takes longer. */
function readCache(): Buffer | undefined {
  try {
    return readFileSync(`${file}.${process.version}-${process.arch}`);
  } catch {
    return undefined;
  }
}

const code: Code = { file, text: readFileSync(file), cache: readCache(), boot: BOOT };
const script = compile(code);
saveMemory();
run(script, file)
  .command?.(process.argv.slice(2), code)
  .then((status) => {
    if (status !== 0) process.exit(status); // whatever a start that failed has left open
    process.exitCode = status;
  });
