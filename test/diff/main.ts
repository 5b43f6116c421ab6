// The differential test: nginx and Postern get the same bytes and must do the same.
import { parseArgs } from 'node:util';
import { targetNamed } from '../support/target.ts';
import { portPool } from './arena.ts';
import { report } from './report.ts';
import { runSuites } from './scripted.ts';
import { SUITES } from './suites.ts';

const { values } = parseArgs({
  options: {
    left: { type: 'string', default: 'nginx' },
    right: { type: 'string', default: 'postern' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    show: { type: 'boolean', default: false },
    plant: { type: 'string' },
  },
});
const suites = SUITES.map((s) => ({
  ...s,
  cases: s.cases.filter((c) => `${s.name} ${c.name}`.includes(values.only)),
})).filter((s) => s.cases.length > 0);
const { told, finish } = report(values.show);
await runSuites(
  suites,
  {
    ports: portPool(), left: targetNamed(values.left),
    right: targetNamed(values.right),
    ...(values.plant === undefined ? {} : { planted: values.plant }),
  },
  values.seed,
  told,
);
process.exitCode = finish() ? 0 : 1;
