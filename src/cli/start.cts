// The beginning of the command: loads the program, with what V8 has made of it before, and runs it.
import type { Code } from '../process/worker/worker-code.ts' with { 'resolution-mode': 'import' };
import type { CacheFile } from './cache-file.cts';
import type { Loader } from './load.cts';

const { readFileSync }: typeof import('node:fs') = require('node:fs');
const { join }: typeof import('node:path') = require('node:path');
const { readCache }: CacheFile = require('./cache-file.cjs');
const { compile, run, saveMemory, BOOT }: Loader = require('./load.cjs');

const file = join(__dirname, '..', '..', 'command', 'postern.js');
const text = readFileSync(file);
const code: Code = { file, text, cache: readCache(file, text), boot: BOOT };
const script = compile(code);
saveMemory();
run(script, file)
  .command?.(process.argv.slice(2), code)
  .then((status) => {
    if (status !== 0) process.exit(status); // whatever a start that failed has left open
    process.exitCode = status;
  });
