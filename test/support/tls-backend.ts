// TLS servers of Node.js that connections of ours go to, and the settings of the client's side.
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { buildClientTls, type ClientTls, type ClientTlsSettings } from '../../src/net/tls/client-context.ts';
import type { TlsPeer } from '../../src/net/tls/client-outcome.ts';
import type { Scope } from './cleanup.ts';
import { listen } from './fake-auth.ts';
import { pem, tlsFiles } from './tls.ts';

/** The defaults of proxy_ssl_…, for a mail backend. */
export function clientTls(over: Partial<ClientTlsSettings> = {}): ClientTls {
  return buildClientTls(
    {
      prefix: 'proxy_ssl',
      certificate: undefined,
      key: undefined,
      passphrases: undefined,
      protocols: new Set(['TLSv1.2', 'TLSv1.3']),
      ciphers: 'DEFAULT',
      verify: false,
      verifyDepth: 1,
      trusted: undefined,
      trustsSystem: false,
      crl: undefined,
      confCommands: [],
      reusesSessions: true,
      pins: [],
      renegotiates: false,
      ...over,
    },
    tlsFiles,
  );
}

export const peerOf = (tls: ClientTls, over: Partial<TlsPeer> = {}): TlsPeer => ({
  tls,
  name: 'mail.example',
  sendsName: false,
  alpn: [],
  target: 'backend',
  ...over,
});

/** A server on loopback until the scope ends. @returns its port */
export async function plainServer(scope: Scope, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    scope.after(() => {
      socket.destroy();
    });
    serve(socket);
  });
  const port = await listen(server, '127.0.0.1', 0);
  scope.after(() => {
    server.close();
  });
  return port;
}

export interface TlsBackendOptions extends TlsOptions {
  /** Name of the certificate among the fixtures. */
  readonly certificate?: string;
}

/** The same over TLS from the first byte. */
export async function tlsServer(
  scope: Scope,
  serve: (socket: TLSSocket) => void,
  { certificate = 'server-rsa', ...options }: TlsBackendOptions = {},
): Promise<number> {
  const server = createTlsServer(
    { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`), allowHalfOpen: true, ...options },
    (socket) => {
      socket.on('error', () => {});
      scope.after(() => {
        socket.destroy();
      });
      serve(socket);
    },
  );
  server.on('tlsClientError', () => {});
  const port = await listen(server, '127.0.0.1', 0);
  scope.after(() => {
    server.close();
  });
  return port;
}
