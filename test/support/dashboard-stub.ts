// A dashboard without a mail server behind it: the page's files, and a feed that is told what to say.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Watch } from '../../src/http/dashboard/messages.ts';
import type { Scope } from './cleanup.ts';
import type { Scene } from './dashboard-scene.ts';
import { ROOT } from './target.ts';
import { ServerSocket } from './websocket-server.ts';

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'dashboard.js': 'text/javascript; charset=utf-8',
  'dashboard.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};
/** As strict as that of the server. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

export interface DashboardStub {
  readonly url: string;
  /** Whom the feed goes to. */
  readonly viewers: ReadonlySet<ServerSocket>;
  /** What the page asked for last. */
  watch: Watch | undefined;
  /** Says everything that is new, as a server does once a second. */
  tell(events?: number): void;
  /** The clock of the server; the page never asks another one. */
  nowMs: number;
  /** Answers to `DELETE`; 204 where it is left alone. */
  answer: number;
  /** Handshakes are refused. */
  isDown: boolean;
}

/** @param sceneOf what there is to see; it may change */
export async function startDashboardStub(scope: Scope, sceneOf: () => Scene, api?: string): Promise<DashboardStub> {
  const viewers = new Set<ServerSocket>();
  const server = createServer((request, response) => {
    const name = (request.url ?? '').replace(/^\/dashboard\//, '') || 'index.html';
    if (request.method === 'DELETE') {
      if (stub.answer < 300) sceneOf().end(name.slice(name.lastIndexOf('/') + 1));
      response.writeHead(stub.answer).end();
      return;
    }
    const type = TYPES[name];
    if (type === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY });
    response.end(readFileSync(join(ROOT, 'dist/dashboard', name)));
  });
  server.on('upgrade', (request, stream) => {
    if (stub.isDown) {
      stream.destroy();
      return;
    }
    const socket = new ServerSocket(request, stream);
    viewers.add(socket);
    socket.onClose = () => viewers.delete(socket);
    socket.onText = (text) => {
      const watch: Watch = JSON.parse(text);
      stub.watch = watch;
      socket.send(sceneOf().page(watch, stub.nowMs));
    };
    socket.send(sceneOf().hello(stub.nowMs, api));
    socket.send(sceneOf().now(stub.nowMs));
  });
  const port = await listening(server);
  scope.after(() => {
    server.closeAllConnections();
    server.close();
    for (const viewer of viewers) viewer.close(1001);
  });
  const stub: DashboardStub = {
    url: `http://127.0.0.1:${port}/dashboard/`,
    viewers,
    watch: undefined,
    nowMs: Date.now(),
    answer: 204,
    isDown: false,
    tell(events = 0) {
      for (const viewer of viewers) {
        viewer.send(sceneOf().now(stub.nowMs));
        if (stub.watch !== undefined) viewer.send(sceneOf().page(stub.watch, stub.nowMs));
        if (events > 0 && stub.watch?.tail === true) viewer.send(sceneOf().tail(stub.nowMs, events));
      }
    },
  };
  return stub;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
