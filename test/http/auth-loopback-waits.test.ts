// While the auth service of the same configuration has not answered: who gives up, what is counted, what a reload does.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type AuthSiteOptions, type Play, same } from '../support/auth-site.ts';
import type { Scope } from '../support/cleanup.ts';
import { type FakeBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { masterTarget } from '../support/master.ts';
import { descriptorsOf, listens, until } from '../support/processes.ts';
import { type StatusNumbers, StatusPage } from '../support/status-page.ts';
import type { Wire } from '../support/wire.ts';

/** An http server behind the auth service: answers when it is told to. */
interface Behind {
  readonly backend: FakeBackend;
  /** A question has come. */
  asked(): Promise<void>;
  answer(text: string): Promise<void>;
}

async function startBehind(scope: Scope): Promise<Behind> {
  const questions: Wire[] = [];
  let come: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    come = resolve;
  });
  const backend = await startBackend(scope, async (peer) => {
    await peer.match(/\r\n\r\n/);
    questions.push(peer);
    come();
    await peer.closed(60_000);
  });
  return {
    backend,
    asked: () => first,
    answer: async (text) => {
      for (const peer of questions.splice(0)) {
        await peer.send(text);
        peer.end();
      }
    },
  };
}

/** Each run has its own. */
async function sameBehind(
  options: AuthSiteOptions,
  play: (behind: Behind, ...site: Parameters<Play>) => ReturnType<Play>,
): ReturnType<typeof same> {
  const all: Behind[] = [];
  return same(
    async (scope) => {
      const behind = await startBehind(scope);
      all.push(behind);
      const { host, port } = behind.backend;
      const http = options.http.replaceAll('@behind@', `http://${host}:${port}`);
      return { ...options, http, hides: [`${port}`] };
    },
    (site) => {
      const behind = all.find(({ backend }) => readConf(site.server.dir).includes(`:${backend.port};`));
      assert.ok(behind !== undefined);
      return play(behind, site);
    },
  );
}

const readConf = (dir: string): string => readFileSync(join(dir, 'nginx.conf'), 'latin1');
const PASSES = 'location = /auth { proxy_pass @behind@; }';
const lets = (host: string, port: number): string =>
  `HTTP/1.1 200 OK\r\nAuth-Status: OK\r\nAuth-Server: ${host}\r\nAuth-Port: ${port}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;

describe('while a question waits for its answer', { concurrency: 2 }, () => {
  test('the answer comes, in chunks', async () => {
    const options = { mail: 'auth_http_version 1.1;', http: PASSES };
    const { told, accesses } = await sameBehind(options, async (behind, site) => {
      const wire = await site.open();
      const login = site.login(wire);
      await behind.asked();
      await behind.answer(lets(site.backend.host, site.backend.port));
      const answer = await login;
      await site.leave(wire, answer);
      return [answer];
    });
    assert.deepEqual(told, ['a OK logged in\r\n']);
    assert.match(accesses.join(), /\|200\|/);
  });

  test('it comes too late', async () => {
    // The question has to have come as far as it will before that.
    const options = { mail: 'auth_http_timeout 4s;', http: PASSES };
    const { told, errors, accesses } = await sameBehind(options, async (_, site) => {
      const wire = await site.open();
      const answer = await site.login(wire);
      await new LogFile(join(site.server.dir, 'access.log')).wait(/\|499\|/);
      return [answer];
    });
    assert.deepEqual(told, ['* BAD internal server error\r\n']);
    assert.match(errors.join('\n'), /timed out \(110: Connection timed out\) while in http auth state/);
    assert.match(accesses.join(), /\|499\|/);
  });

  test('the client leaves before it comes', async () => {
    const { accesses, errors } = await sameBehind({ http: PASSES }, async (behind, site) => {
      const wire = await site.open();
      await wire.send('a LOGIN jo secret\r\n');
      await behind.asked();
      wire.destroy();
      await behind.answer(lets(site.backend.host, site.backend.port));
      await site.server.waitLog(/proxied session done/);
      return [];
    });
    assert.match(accesses.join(), /\|200\|/);
    assert.match(errors.join('\n'), /client logged in/);
  });

  test('the numbers of stub_status', async () => {
    const { told } = await sameBehind(
      { http: `${PASSES} location = /status { stub_status; access_log off; }` },
      async (behind, site) => {
        const ends: (() => void)[] = [];
        const scope = { after: (end: () => void) => void ends.push(end) };
        const page = await StatusPage.open(scope, site.server, 'auth');
        const wire = await site.open();
        /** How often the page has to be asked for depends on the machine. */
        const others = async (wanted: Partial<StatusNumbers>): Promise<StatusNumbers> => {
          const numbers = await page.until(wanted);
          return { ...numbers, requests: numbers.requests - page.reads };
        };
        const before = await others({ active: 2 });
        const login = site.login(wire);
        await behind.asked();
        const waiting = await others({ active: 3, writing: 2 });
        await behind.answer('HTTP/1.1 200 OK\r\nAuth-Status: No\r\n\r\n');
        await login;
        await wire.closed();
        wire.destroy();
        const after = await others({ active: 1 });
        for (const end of ends) end();
        return [before, waiting, after];
      },
    );
    assert.equal(told.length, 3);
  });

  test('no socket is open for it, and by a socket both ends of one', async () => {
    const sockets: number[] = [];
    await sameBehind({ http: PASSES }, async (behind, site) => {
      const wire = await site.open();
      const login = site.login(wire);
      await behind.asked();
      sockets.push(descriptorsOf(site.server.pid).filter((name) => name.startsWith('socket:')).length);
      await behind.answer('HTTP/1.1 200 OK\r\nAuth-Status: No\r\n\r\n');
      return [await login];
    });
    const [less = 0, more = 0] = sockets.sort();
    assert.equal(more - less, 2);
  });

  test('the listener goes with a reload: the answer comes, and the next question is refused', async () => {
    const options = { http: PASSES, main: 'worker_processes 1;', target: masterTarget() };
    const { told, errors } = await sameBehind(options, async (behind, site) => {
      const { server, backend } = site;
      const [early, late] = [await site.open(), await site.open()];
      const login = site.login(early);
      await behind.asked();
      const { port } = server.at('auth');
      writeFileSync(
        join(server.dir, 'nginx.conf'),
        readConf(server.dir).replace(
          `listen ${server.at('auth').host}:${port}`,
          'listen unix:@DIR@/x'.replace('@DIR@', server.dir),
        ),
        'latin1',
      );
      process.kill(server.pid, 'SIGHUP');
      await server.waitLog(/gracefully shutting down/);
      const { host } = server.at('auth');
      await until(() => !listens(host, port), 'the master to close the listener');
      await behind.answer(lets(backend.host, backend.port));
      const answers = [await login, await site.login(late)];
      await site.leave(early, answers[0]);
      return answers;
    });
    assert.deepEqual(told, ['a OK logged in\r\n', '* BAD internal server error\r\n']);
    assert.match(errors.join('\n'), /\(111: Connection refused\) while in http auth state/);
  });
});
