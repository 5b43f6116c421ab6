// A mail proxy before several backends, and logins through it that say which backend they came to.
import { Cleanup, type Scope } from './cleanup.ts';
import { type AuthScript, type FakeAuth, startAuth } from './fake-auth.ts';
import { type BackendScript, type FakeBackend, startBackend } from './fake-backend.ts';
import { ownAddress } from './ports.ts';
import { type MailServer, type ServerOptions, startServer } from './server.ts';
import type { Wire } from './wire.ts';

export interface SiteOptions extends Omit<ServerOptions, 'config'> {
  readonly backends: readonly BackendScript[];
  /** Directives of the mail block; `#0`, `#1`, … stand for the backends' addresses, `#:0`, … for their ports. */
  readonly mail: string;
  /** Those of the server that is named `@pop3@`. */
  readonly server?: string;
  /** More server blocks. */
  readonly more?: string;
  readonly answers?: (backends: readonly FakeBackend[]) => AuthScript;
  /** Directives of the main context. */
  readonly main?: string;
}

export interface Site {
  readonly server: MailServer;
  readonly auth: FakeAuth;
  readonly backends: readonly FakeBackend[];
  /** Logs in by POP3. @returns the reply to PASS, and the session, which goes on */
  login(user: string, listener?: string): Promise<{ readonly reply: string; readonly wire: Wire }>;
  /** Logs in and out again. @returns the reply to PASS */
  visit(user: string, listener?: string): Promise<string>;
}

/** Lets everybody in, and says by which name. */
export const named =
  (name: string): BackendScript =>
  async (peer) => {
    await peer.send('+OK ready\r\n');
    await peer.line(60_000);
    await peer.send('+OK\r\n');
    await peer.line(60_000);
    await peer.send(`+OK ${name}\r\n`);
    for (;;) {
      const line = await peer.line(60_000);
      await peer.send(`+OK ${line}`);
      if (/^quit/i.test(line)) return;
    }
  };

/** An auth server that sends everybody to the named backend, or leaves the backend open. */
export const sendTo =
  (server?: string, port?: number): AuthScript =>
  () =>
    ['HTTP/1.0 200 OK', 'Auth-Status: OK', server && `Auth-Server: ${server}`, port && `Auth-Port: ${port}`, '', '']
      .filter((line) => line !== undefined)
      .join('\r\n');

const ELSEWHERE = { host: ownAddress(1) };

export async function startSite(t: Scope, options: SiteOptions): Promise<Site> {
  const { backends: scripts, mail, server: own = '', more = '', answers, main = '', ...rest } = options;
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backends: FakeBackend[] = [];
  for (const script of scripts) backends.push(await startBackend(scope, script, ELSEWHERE));
  const auth = await startAuth(scope, answers?.(backends) ?? sendTo(), ELSEWHERE);
  const address = (text: string): string =>
    text.replaceAll(/#(:?)(\d)/g, (_, colon: string, i: string) => {
      const { host, port } = backends[Number(i)] ?? {};
      return colon === '' ? `${host}:${port}` : `${port}`;
    });
  const server = await startServer(scope, {
    ...rest,
    config: `${main} mail {
      server_name mx.example.org; auth_http ${auth.url};
      ${address(mail)}
      server { listen @pop3@; protocol pop3; ${address(own)} }
      ${address(more)}
    }`,
  });
  const login = async (user: string, listener = 'pop3'): Promise<{ readonly reply: string; readonly wire: Wire }> => {
    const wire = await server.connect(listener);
    scope.after(() => wire.destroy());
    await wire.expectLine('+OK POP3 ready\r\n');
    await wire.send(`USER ${user}\r\n`);
    await wire.expectLine('+OK\r\n');
    await wire.send('PASS secret\r\n');
    return { reply: (await wire.line(60_000)).trim(), wire };
  };
  return {
    server,
    auth,
    backends,
    login,
    visit: async (user, listener) => {
      const { reply, wire } = await login(user, listener);
      wire.destroy();
      return reply;
    },
  };
}
