// An auth server over TLS that lets everybody in, and records the questions and the connections that they came by.
import type { IncomingMessage } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Scope } from './cleanup.ts';
import { listen } from './fake-auth.ts';
import type { FakeBackend } from './fake-backend.ts';
import { ownAddress } from './ports.ts';
import { pem } from './tls.ts';

export interface SecureAuth {
  readonly host: string;
  readonly port: number;
  readonly questions: readonly IncomingMessage[];
  /** Those whose handshake came to an end. */
  readonly connections: readonly TLSSocket[];
  /** Handshakes that resumed a session. */
  resumed(): number;
}

export const AUTH_TLS: ServerOptions = { cert: pem('server-ec.pem'), key: pem('server-ec.key') };

export interface SecureAuthOptions {
  readonly tls?: ServerOptions;
  /** Listen there, on a unix socket. */
  readonly path?: string;
  readonly host?: string;
}

/** @param backend undefined: the answers name none */
export async function startSecureAuth(
  scope: Scope,
  backend: FakeBackend | undefined,
  { tls = AUTH_TLS, path, host = ownAddress() }: SecureAuthOptions = {},
): Promise<SecureAuth> {
  const questions: IncomingMessage[] = [];
  const connections: TLSSocket[] = [];
  const reused: boolean[] = [];
  const server = createServer(tls, (question, answer) => {
    questions.push(question);
    const where = backend && { 'Auth-Server': backend.host, 'Auth-Port': String(backend.port) };
    answer.writeHead(200, { 'Auth-Status': 'OK', ...where }).end('a body that nobody reads');
  });
  const open = new Set<Duplex>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    connections.push(socket);
    reused.push(socket.isSessionReused());
  });
  server.on('tlsClientError', () => {});
  scope.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  let port = 0;
  if (path === undefined) port = await listen(server, host, 0);
  else await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host,
    port,
    questions,
    connections,
    resumed: () => reused.filter((yes) => yes).length,
  };
}
