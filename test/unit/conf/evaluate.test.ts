// The evaluation: what golden cases cannot see (order of effects, hints, files, positions).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  args,
  type BoundDirective,
  block,
  ConfError,
  type ContextName,
  Fault,
  whole,
} from '../../../src/conf/directive.ts';
import { evaluate } from '../../../src/conf/evaluate.ts';
import { Store } from '../../../src/conf/store.ts';
import { indexDirectives } from '../../../src/module/registry.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

const doc = { syntax: 'x;', summary: 'X.' };

/** `note` and `other` write down their words; `mail` and `server` nest; the rest fail in their own ways. */
function fixture(files: Record<string, string>) {
  const seen: string[] = [];
  const env = new MemoryEnvironment({ files });
  const inner = (name: string, from: ContextName, to: ContextName): BoundDirective => ({
    name,
    contexts: [from],
    arity: block,
    doc,
    apply: (cf) => {
      const opened = cf.position.line;
      cf.block(to, cf.store);
      seen.push(`${name} ${opened}-${cf.position.line}`);
      return undefined;
    },
  });
  const simple = (name: string, contexts: readonly ContextName[], apply: BoundDirective['apply']): BoundDirective => ({
    name,
    contexts,
    arity: args(0, 2),
    doc,
    apply,
  });
  const directives = [
    inner('mail', 'main', 'mail'),
    inner('server', 'mail', 'mail.server'),
    simple('note', ['main'], (cf, words) => {
      seen.push(`${cf.context} ${words.join(' ')}`);
      return undefined;
    }),
    simple('note', ['mail', 'mail.server'], (cf, words) => {
      seen.push(`${cf.context}! ${words.join(' ')}`);
      return undefined;
    }),
    simple('tail', ['main'], () => new Fault('is tired')),
    simple('whole', ['main'], () => whole('all of it')),
    simple('thrown', ['main'], (cf) => {
      throw new ConfError('no "x" for server', { ...cf.position, line: 77 });
    }),
    simple('warned', ['main'], (cf) => {
      cf.warn('careful');
      return undefined;
    }),
    {
      ...simple('absent', ['main'], (_cf, words) => {
        seen.push(`absent ${words.join(' ')}`);
        return undefined;
      }),
      doc: { ...doc, notImplemented: 'but off' } as const,
    },
    { ...simple('idle', ['main'], () => undefined), doc: { ...doc, noEffect: 'there is none' } },
  ];
  const run = (globalDirectives = '') =>
    evaluate({
      index: indexDirectives([{ name: 'test', directives }]),
      env,
      store: new Store(),
      file: '/p/c',
      globalDirectives,
    });
  return { run, seen, env };
}

function errorOf(files: Record<string, string>, globalDirectives = ''): ConfError {
  try {
    fixture(files).run(globalDirectives);
  } catch (error) {
    assert.ok(error instanceof ConfError);
    return error;
  }
  assert.fail('no error');
}

test('handlers run in the order of the text, -g first', () => {
  const { run, seen } = fixture({ '/p/c': 'note a;\ninclude d;\nnote c;', '/p/d': 'note b;' });
  run('note 0;');
  assert.deepEqual(seen, ['main 0', 'main a', 'main b', 'main c']);
});

test('directives before an error have taken effect', () => {
  const { run, seen } = fixture({ '/p/c': 'note a;\nnote "b"c;' });
  assert.throws(run, ConfError);
  assert.deepEqual(seen, ['main a']);
});

test('the first definition that is valid in the context is used', () => {
  const { run, seen } = fixture({ '/p/c': 'note 1; mail { note 2; server { note 3; } }' });
  run();
  assert.deepEqual(seen, ['main 1', 'mail! 2', 'mail.server! 3', 'server 1-1', 'mail 1-1']);
});

test('a handler sees the line of its brace, and after the block that of the closing one', () => {
  const { run, seen } = fixture({ '/p/c': '\nmail\n{\n  server {\n  }\n\n}\n' });
  run();
  assert.deepEqual(seen, ['server 4-5', 'mail 3-7']);
});

test('a fault is the tail of a message, or all of it; an error keeps its own position', () => {
  assert.equal(errorOf({ '/p/c': '\ntail;' }).record, '"tail" directive is tired in /p/c:2');
  assert.equal(errorOf({ '/p/c': 'whole;' }).record, 'all of it in /p/c:1');
  assert.equal(errorOf({ '/p/c': 'thrown;' }).record, 'no "x" for server in /p/c:77');
});

test('a warning carries its position', () => {
  const { run, env } = fixture({ '/p/c': '\nwarned;' });
  run('warned;');
  assert.deepEqual(env.records, ['[warn] careful in command line', '[warn] careful in /p/c:2']);
});

test('files are remembered once each, in the order of reading', () => {
  const files = { '/p/c': 'include z; include a; include z; include *.x;', '/p/z': '', '/p/a': '', '/p/b.x': '#' };
  const { files: read } = fixture(files).run();
  assert.deepEqual([...read.keys()], ['/p/c', '/p/z', '/p/a', '/p/b.x']);
  assert.equal(read.get('/p/b.x')?.toString(), '#');
});

test('directives without effect are collected with their reason', () => {
  assert.deepEqual([...fixture({ '/p/c': 'idle; note;' }).run('idle;').noEffect], [['idle', 'there is none']]);
});

test('an unknown directive is followed by a hint, which is no part of the message', () => {
  const error = errorOf({ '/p/c': 'notes;' });
  assert.equal(error.record, 'unknown directive "notes" in /p/c:1');
  assert.equal(error.hint, 'did you mean "note"?');
  assert.equal(errorOf({ '/p/c': 'inclde x;' }).hint, 'did you mean "include"?');
});

test('a hint names only what is allowed in the context', () => {
  assert.equal(errorOf({ '/p/c': 'servr {' }).hint, undefined);
  assert.equal(errorOf({ '/p/c': 'mail { servr {' }).hint, 'did you mean "server"?');
});

test('what is not implemented says so, and no hint names it', () => {
  for (const text of ['absent;', 'absent on;', 'absent off off;']) {
    assert.equal(errorOf({ '/p/c': text }).record, '"absent" is not implemented in Postern in /p/c:1');
  }
  assert.equal(errorOf({ '/p/c': 'mail { absent; }' }).record, '"absent" directive is not allowed here in /p/c:1');
  assert.equal(errorOf({ '/p/c': 'absnt off;' }).hint, undefined);
  const { run, seen } = fixture({ '/p/c': 'absent off;' });
  run();
  assert.deepEqual(seen, ['absent off']);
});

test('the main file has no suffix when it cannot be read, even after -g', () => {
  assert.equal(errorOf({}, 'note;').record, 'open() "/p/c" failed (2: No such file or directory)');
  const directory = errorOf({ '/p/c/x': '' });
  assert.equal(directory.record, 'pread() "/p/c" failed (21: Is a directory)');
  assert.equal(directory.level, 'crit');
});

test('files that include each other under ever new names stop at a bound', () => {
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`/p/${i}`, `include ${i + 1};`]));
  const error = errorOf({ ...files, '/p/c': 'include 0;' });
  assert.equal(error.record, 'configuration files are nested too deep at "/p/63" in /p/62:1');
});

test('the reason stays where a long file name is cut', () => {
  const { record } = errorOf({ '/p/c': `include "${'n'.repeat(2000)}";` });
  assert.match(record, /^open\(\) "\/p\/n+\.\.\. \(2: No such file or directory\) in \/p\/c:1$/);
  assert.equal(record.indexOf('...'), 1024 - 50);
});
