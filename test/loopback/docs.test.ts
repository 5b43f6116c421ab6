// Every command in the documentation works, and prints what it is said to print.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { allDocuments, type Block, blocksOf, readDocument } from '../docs/markdown.ts';
import { Stage } from '../docs/stage.ts';
import { Child } from '../support/children.ts';
import { Cleanup } from '../support/cleanup.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { startServer } from '../support/server.ts';
import { ROOT } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Their commands are for the checkout. */
const IN_CHECKOUT = new Set(['README.md', 'CONTRIBUTING.md', 'docs/testing.md']);
/** Programs that a machine may not have. */
const OPTIONAL = ['curl', 'openssl', 'fail2ban-regex'];
const START = 'npm ci && npm start\n';

function missingProgram(script: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return OPTIONAL.find(
    (name) =>
      new RegExp(`^(?:\\$ )?${name}\\b`, 'm').test(script) && !folders.some((folder) => existsSync(join(folder, name))),
  );
}

/** A block is left out where a program is missing; where everything has to be there, that is a failure. */
function isSkipped(t: TestContext, { line, text }: Block): boolean {
  const missing = missingProgram(text);
  if (missing === undefined) return false;
  assert.notEqual(process.env.POSTERN_REQUIRE_REAL, '1', `${missing} is not installed`);
  t.diagnostic(`line ${line} left out: ${missing} is not installed`);
  return true;
}

/** Commands behind `$ `, each with the output that follows it. */
function exchanges(text: string): { readonly command: string; readonly output: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** `...` stands for anything. */
function pattern(output: string): RegExp {
  const literal = output.split('...').map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literal.join('[\\s\\S]*?')}$`);
}

/** Resolves when the program has printed the text, or has ended. */
function said(child: Child, text: string): Promise<void> {
  return child.until(() => child.stdout.includes(text) || child.exit !== undefined);
}

async function perform(stage: Stage, block: Block): Promise<void> {
  const at = `${block.document}:${block.line}`;
  if (block.language === 'sh') {
    const ran = await stage.run(block.text);
    assert.equal(ran.signal ?? ran.code, 0, `${at}: ${ran.stdout}${ran.stderr}`);
    return;
  }
  for (const { command, output } of exchanges(block.text)) {
    const ran = await stage.run(`{ ${command}\n} 2>&1`);
    assert.match(stage.there(ran.stdout), pattern(output), `${at}: ${command}`);
  }
}

for (const document of allDocuments()) {
  const blocks = blocksOf(document);
  const commands = blocks.filter(({ language, text }) => /^(?:sh|console)$/.test(language) && text !== START);
  if (commands.length === 0) continue;
  test(`the commands of ${document.name} work`, async (t) => {
    const scope = new Cleanup(); // the last first: the server before its folder
    t.after(() => scope.run());
    const stage = new Stage(scope, IN_CHECKOUT.has(document.name) ? ROOT : undefined);
    stage.write('/etc/nginx/nginx.conf', readFileSync(join(ROOT, 'conf/nginx.conf'), 'utf8'));
    for (const { file, text } of blocks) if (file !== undefined) stage.write(file, text);
    if (commands.some(({ text }) => /^postern -s|s_client/m.test(text))) await stage.serve(scope);
    for (const block of commands) if (!isSkipped(t, block)) await perform(stage, block);
  });
}

test('the first two blocks of the README are the demo and the tests', () => {
  const [demo, tests] = blocksOf(readDocument('README.md')).filter(({ language }) => language === 'sh');
  assert.equal(demo?.text, START);
  assert.equal(tests?.text, 'npm test\n');
  assert.ok(existsSync(join(ROOT, 'package-lock.json')), 'npm ci needs package-lock.json');
});

test('npm start runs the demo until it is interrupted', async (t) => {
  const host = '127.0.0.1';
  const ports = { imap: await freePort(host), pop3: await freePort(host), smtp: await freePort(host) };
  const own = Object.entries(ports).map(([name, port]) => `--${name}=${port}`);
  const any = ['--auth=0', '--imap-backend=0', '--pop3-backend=0', '--smtp-backend=0'];
  const child = new Child('npm', ['start', '--', ...own, ...any], { cwd: ROOT, ownGroup: true });
  t.after(async () => {
    await child.stop(['SIGINT']);
  });
  await said(child, 'Ctrl-C ends the demo');
  assert.match(
    child.stdout,
    new RegExp(`curl -s --url imap://127\\.0\\.0\\.1:${ports.imap}/INBOX -u demo:demo`),
    child.stderr,
  );
});

test('the auth service of docs/auth-http.md lets its user in, and refuses others', async (t) => {
  const block = blocksOf(readDocument('docs/auth-http.md')).find(({ file }) => file === 'auth-service.mjs');
  assert.ok(block !== undefined);
  const host = ownAddress();
  const port = await freePort(host);
  const backend = await startBackend(t, imapBackend);
  const folder = temporaryFolder(t, 'auth');
  const stage = new Stage(t, folder);
  stage.write('auth-service.mjs', block.text.replace('9000', String(port)).replace('11143', String(backend.port)));
  const service = new Child(process.execPath, [join(folder, 'auth-service.mjs')]);
  t.after(async () => {
    await service.stop();
  });
  const server = await startServer(t, {
    config: `mail {
      auth_http ${host}:${port}/auth;
      auth_http_header X-Auth-Key "change me";
      server { listen @imap@; protocol imap; imap_client_buffer 4k; }
    }`,
  });
  await said(service, 'listening');

  const login = async (user: string, reply: string): Promise<void> => {
    const wire = await server.connect('imap');
    t.after(() => wire.destroy());
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send(`a LOGIN ${user}\r\n`);
    await wire.expectLine(`a ${reply}\r\n`);
    wire.destroy(); // an open session would hold the graceful stop up
  };
  await Promise.all([
    login('anna "correct horse"', 'OK logged in'),
    login('anna "wrong horse"', 'NO Invalid login or password'),
    login('nobody "correct horse"', 'NO Invalid login or password'),
  ]);
});
