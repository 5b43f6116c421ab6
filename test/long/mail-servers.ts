// The auth server and the backends behind a long run: as little as a login needs, nothing recorded, in bytes and lines.
import { createServer, type Server, type Socket } from 'node:net';
import type { Scope } from '../support/cleanup.ts';
import { listen } from '../support/fake-auth.ts';
import type { Place } from './client.ts';
import type { Protocol } from './dialogues.ts';

/** For this user the backend answers the first command after the login without end. */
export const TORRENT_USER = 'torrent';
/** For this user the backend reads nothing after the login. */
export const DEAF_USER = 'deaf';

export interface MailServers {
  readonly auth: Place;
  /** Connections of backends that are open. */
  readonly connections: () => number;
  /** The backends drop their connections. */
  readonly drop: () => void;
  /** Bytes of torrents that were taken. */
  readonly torrentBytes: () => number;
}

type Reply = string | { readonly last: string };
type Talk = (line: string, login: Login) => Reply;

class Login {
  tag = '*';
  step = 0;
  user = '';
  done = false;
}

const GREETING: Readonly<Record<Protocol, string>> = {
  imap: '* OK backend\r\n',
  pop3: '+OK backend\r\n',
  smtp: '220 backend.example.org ESMTP\r\n',
};

const TALK: Readonly<Record<Protocol, Talk>> = {
  imap: (line, login) => {
    const [tag = '*', verb = ''] = line.split(' ');
    if (login.done) {
      if (verb.toUpperCase() === 'LOGOUT') return { last: `* BYE bye\r\n${tag} OK bye\r\n` };
      return `${tag} OK done\r\n`;
    }
    switch (login.step++) {
      case 0:
        login.tag = tag;
        return '+ go on\r\n';
      case 1:
        login.user = tag;
        return '+ go on\r\n';
      default:
        login.done = true;
        return `${login.tag} OK logged in\r\n`;
    }
  },
  pop3: (line, login) => {
    const [verb = '', argument = ''] = line.split(' ');
    if (verb.toUpperCase() === 'QUIT') return { last: '+OK bye\r\n' };
    if (verb.toUpperCase() === 'USER') login.user = argument;
    if (verb.toUpperCase() === 'PASS') login.done = true;
    return '+OK done\r\n';
  },
  smtp: (line, login) => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'QUIT') return { last: '221 bye\r\n' };
    if (verb === 'XCLI') {
      login.user = / LOGIN=(\S+)/.exec(line)?.[1] ?? '';
      login.done = true;
      return '220 backend.example.org ESMTP\r\n';
    }
    return verb === 'EHLO' ? '250-backend.example.org\r\n250 XCLIENT ADDR LOGIN NAME\r\n' : '250 done\r\n';
  },
};

const TORRENT = Buffer.alloc(64 * 1024, 'x');

class Backends {
  torrentBytes = 0;
  readonly connections = new Set<Socket>();

  serve(protocol: Protocol, io: Socket): void {
    const talk = TALK[protocol];
    const login = new Login();
    let text = '';
    this.connections.add(io);
    io.on('close', () => this.connections.delete(io));
    io.on('error', () => undefined);
    io.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        if (login.done && login.user === TORRENT_USER) {
          io.pause();
          this.#pour(io);
          return;
        }
        const reply = talk(text.slice(0, end), login);
        text = text.slice(end + 2);
        if (typeof reply === 'string') io.write(reply);
        else io.end(reply.last);
      }
      if (login.done && login.user === DEAF_USER) io.pause();
    });
    io.write(GREETING[protocol]);
  }

  #pour(io: Socket): void {
    const more = (): void => {
      if (io.destroyed) return;
      const took = (): void => {
        this.torrentBytes += TORRENT.length;
      };
      if (io.write(TORRENT, took)) setImmediate(more);
      else io.once('drain', more);
    };
    more();
  }
}

const HEADER_END = '\r\n\r\n';

function answerAuth(io: Socket, backends: ReadonlyMap<string, Place>): void {
  let text = '';
  io.on('error', () => undefined);
  io.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (!text.includes(HEADER_END)) return;
    const backend = backends.get(/^Auth-Protocol: (\w+)/m.exec(text)?.[1] ?? '');
    const status = backend === undefined ? 'Auth-Status: no such protocol\r\n' : 'Auth-Status: OK\r\n';
    const where = backend === undefined ? '' : `Auth-Server: ${backend.host}\r\nAuth-Port: ${backend.port}\r\n`;
    io.end(`HTTP/1.0 200 OK\r\n${status}${where}\r\n`);
  });
}

async function open(scope: Scope, host: string, accept: (io: Socket) => void): Promise<Place> {
  const server: Server = createServer({ noDelay: true }, accept);
  const port = await listen(server, host, 0);
  scope.after(() => {
    server.close();
  });
  return { host, port };
}

/** Listens on the address, on free ports, until the end of the scope. */
export async function startMailServers(scope: Scope, host: string): Promise<MailServers> {
  const backends = new Backends();
  const places = new Map<string, Place>();
  for (const protocol of ['imap', 'pop3', 'smtp'] as const) {
    places.set(protocol, await open(scope, host, (io) => backends.serve(protocol, io)));
  }
  const auth = await open(scope, host, (io) => answerAuth(io, places));
  const drop = (): void => {
    for (const io of backends.connections) io.destroy();
  };
  scope.after(drop);
  return {
    auth,
    connections: () => backends.connections.size,
    drop,
    torrentBytes: () => backends.torrentBytes,
  };
}
