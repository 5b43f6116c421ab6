// postern top in a real terminal: what it draws there, and that it leaves the terminal as it was, however it ends.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { missing } from '../support/programs.ts';
import { postern } from '../support/target.ts';
import { type Size, TERMINAL_PROGRAMS, Terminal } from '../support/terminal.ts';
import { named, type Site, startSite } from '../support/upstream-site.ts';

const skip = missing(TERMINAL_PROGRAMS);
const NORMAL: Size = { rows: 24, columns: 120 };

function scopeOf(t: TestContext): Cleanup {
  const scope = new Cleanup();
  t.after(() => scope.run());
  return scope;
}

const start = (scope: Scope): Promise<Site> =>
  startSite(scope, {
    main: 'http { access_log off; server { listen @web@; location /api { api; } } }',
    backends: [named('a'), named('b')],
    mail: 'upstream all { zone all 64k; server #0; server #1; }',
    server: 'status_zone front; proxy_pass all;',
  });

const top = (scope: Scope, { server }: Site, size = NORMAL): Promise<Terminal> =>
  Terminal.start(scope, [postern.command, ...postern.args, 'top', '-c', `${server.dir}/nginx.conf`], size);

const drawn = (terminal: Terminal, times = 1): Promise<void> => terminal.until(() => terminal.frames >= times);

describe('postern top', { concurrency: 2, skip }, () => {
  test('draws what goes on, again and again, and ends with q', async (t) => {
    const scope = scopeOf(t);
    const site = await start(scope);
    const terminal = await top(scope, site);
    await drawn(terminal);
    const [head, empty, servers, front] = terminal.screen;
    assert.match(head ?? '', /^postern 1\.\d+\.\d+ {2}workers 1 {2}configuration 1$/);
    assert.equal(empty, '');
    assert.match(servers ?? '', /^SERVER +PROTOCOL +SESSIONS +RELAYS +TOTAL +OK +REFUSED +ERRORS +ABORTED$/);
    assert.match(front ?? '', /^front +pop3 +0 +0 +0 /);
    const { wire } = await site.login('anna');
    await terminal.until(() => terminal.screen.some((line) => / anna +relay /.test(line)));
    assert.ok(terminal.screen.some((line) => /^front +pop3 +1 +1 +1 +1 +0 +0 +0$/.test(line)));
    assert.ok(terminal.screen.some((line) => /^all +\S+ +up +1 +1 +0$/.test(line)));
    wire.destroy();
    await terminal.until(() => !terminal.screen.some((line) => line.includes('anna')));
    terminal.type('x');
    await drawn(terminal, terminal.frames + 1);
    terminal.type('q');
    assert.equal(await terminal.ended(), 0);
    assert.deepEqual(terminal.strange, []);
  });

  test('keeps within the terminal, and draws anew when that has another size', async (t) => {
    const scope = scopeOf(t);
    const site = await start(scope);
    for (let i = 0; i < 12; i++) await site.login(`somebody-with-a-long-name-${i}@example.org`);
    const terminal = await top(scope, site, { rows: 24, columns: 60 });
    const fits = ({ rows, columns }: Size): boolean => {
      const { screen } = terminal;
      return screen.length === rows - 1 && screen.every((line) => line.length <= columns);
    };
    await drawn(terminal);
    assert.equal(Math.max(...terminal.screen.map((line) => line.length)), 60, 'what is longer is cut');
    for (const size of [
      { rows: 8, columns: 40 },
      { rows: 12, columns: 100 },
      { rows: 2, columns: 1 },
    ]) {
      await terminal.resize(size);
      await terminal.until(() => fits(size));
    }
    terminal.type('q');
    assert.equal(await terminal.ended(), 0);
  });

  test('nothing of a name reaches the terminal but what is visible', async (t) => {
    const scope = scopeOf(t);
    const site = await start(scope);
    const names = [
      '\x1b[2J\x1b]0;title\x07',
      '\x9b31m\x9d0;title\x9c',
      'a\u202eb\u2066c',
      '\x08\x08\x7fx\tz',
      '\u65e5\u672c',
    ];
    for (const name of names) await site.login(Buffer.from(name).toString('latin1'));
    const terminal = await top(scope, site);
    await terminal.until(() => terminal.screen.some((line) => line.includes('\u65e5\u672c')));
    const text = terminal.screen.join('\n');
    for (const shown of [
      '\\u{1b}[2J\\u{1b}]0;title\\u{7}',
      '\\u{9b}31m\\u{9d}0;title\\u{9c}',
      'a\\u{202e}b\\u{2066}c',
    ]) {
      assert.ok(text.includes(` ${shown} `), `${shown} in ${text}`);
    }
    assert.ok(text.includes(' \\u{8}\\u{8}\\u{7f}x\\u{9}z '), text);
    terminal.type('q');
    assert.equal(await terminal.ended(), 0);
    assert.deepEqual(terminal.strange, []);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`leaves the terminal as it was at ${signal}`, async (t) => {
      const scope = scopeOf(t);
      const terminal = await top(scope, await start(scope));
      await drawn(terminal);
      terminal.signal(signal);
      assert.equal(await terminal.ended(), 0);
    });
  }

  test('leaves the terminal as it was at Ctrl-C', async (t) => {
    const scope = scopeOf(t);
    const terminal = await top(scope, await start(scope));
    await drawn(terminal);
    terminal.type('\x03');
    assert.equal(await terminal.ended(), 0);
  });

  test('leaves the terminal as it was, and says why, when the server is gone', async (t) => {
    const scope = scopeOf(t);
    const site = await start(scope);
    const terminal = await top(scope, site);
    await drawn(terminal);
    await site.server.stop();
    assert.equal(await terminal.ended(), 3);
    assert.match(
      terminal.text.slice(terminal.text.lastIndexOf('\x1b') + 1),
      /^\[\?1049lpostern: the api cannot be reached: /,
    );
  });

  test('ends at once also where the api does not answer', async (t) => {
    const scope = scopeOf(t);
    const site = await start(scope);
    const terminal = await top(scope, site);
    await drawn(terminal);
    scope.after(() => site.server.signal('SIGCONT'));
    site.server.signal('SIGSTOP');
    await site.server.connect('web').then((wire) => wire.destroy());
    await terminal.resize({ rows: 20, columns: 80 });
    terminal.type('q');
    assert.equal(await terminal.ended(), 0);
  });
});
