// What the bundle exports: the command calls one of them, a worker process the other. Each loads only its own part, at
// once: a worker that waited for it would miss messages.
import type { Code } from '../process/worker/worker-code.ts' with { 'resolution-mode': 'import' };

type Main = typeof import('./main.ts', { with: { 'resolution-mode': 'import' }});
type WorkerMain = typeof import('../process/worker/worker-main.ts', { with: { 'resolution-mode': 'import' }});

function command(argv: readonly string[], code: Code): Promise<number> {
  const { main }: Main = require('./main.js');
  return main(argv, code);
}

function worker(): void {
  const { runWorker }: WorkerMain = require('../process/worker/worker-main.js');
  runWorker();
}

module.exports = { command, worker };
