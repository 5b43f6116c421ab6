// The log before the configuration is read: its file, the copies on stderr, and what is left where there is no file.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/tmp.ts';

const MODULE = new URL('../../../src/core/startup-log.js', import.meta.url).href;
const STAMP = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (\[\w+\]) \d+#0: /gm;

/** What a process says on stderr that writes one record of each level but debug. */
function stderrOf(path: string, level: number): string {
  const code = `import { StartupLog } from ${JSON.stringify(MODULE)};
    const log = new StartupLog(${JSON.stringify(path)}, ${level});
    for (const [level, text] of [[1, 'a'], [2, 'b'], [5, 'c'], [6, 'd'], [7, 'e']]) log.write(level, text);
    log.close();
    log.write(6, 'late');`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'latin1' });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stderr;
}

const NOTICE = 6;
const INFO = 7;

test('records go to the file, those that matter are copied to stderr', (t) => {
  const path = join(temporaryFolder(t), 'log');
  assert.equal(stderrOf(path, NOTICE), 'nginx: [emerg] a\nnginx: [alert] b\nnginx: [warn] c\n');
  const text = readFileSync(path, 'latin1');
  assert.equal(text.replace(STAMP, '$1 '), '[emerg] a\n[alert] b\n[warn] c\n[notice] d\n');
  stderrOf(path, INFO);
  const second = readFileSync(path, 'latin1').slice(text.length);
  assert.equal(second.replace(STAMP, '$1 '), '[emerg] a\n[alert] b\n[warn] c\n[notice] d\n[info] e\n', 'appended');
});

test('on stderr there are no copies', () => {
  assert.equal(stderrOf('stderr', NOTICE).replace(STAMP, '$1 '), '[emerg] a\n[alert] b\n[warn] c\n[notice] d\n');
});

test('where the file cannot be opened stderr is the log, and says so', (t) => {
  const path = join(temporaryFolder(t), 'missing', 'log');
  const [first, ...rest] = stderrOf(path, NOTICE).split('\n');
  assert.equal(
    first,
    `nginx: [alert] could not open error log file: open() "${path}" failed (2: No such file or directory)`,
  );
  assert.match(rest.join('\n').replace(STAMP, '$1 '), /^\[emerg\] a\n\[alert\] b\n\[warn\] c\n\[notice\] d\n$/);
});
