// Backends of a mail proxy (IMAP, POP3, SMTP) that record what they receive and follow a script, well or badly.
import { createServer, type Server } from 'node:net';
import type { Scope } from './cleanup.ts';
import { listen } from './fake-auth.ts';
import { Changes } from './in-time.ts';
import { ownAddress } from './ports.ts';
import { Wire } from './wire.ts';

/** Talks to one client of the backend; when it returns, the connection is closed in order. */
export type BackendScript = (peer: Wire, index: number) => Promise<void>;

export class FakeBackend {
  readonly host: string;
  readonly port: number;
  /** Every connection, in order of arrival. */
  readonly peers: Wire[] = [];
  readonly #server: Server;
  readonly #arrivals = new Changes();
  script: BackendScript;

  constructor(server: Server, host: string, port: number, script: BackendScript) {
    this.#server = server;
    this.host = host;
    this.port = port;
    this.script = script;
    server.on('connection', (socket) => void this.#serve(new Wire(socket)));
  }

  /** Waits for the connection with this index, counted from 0. */
  peer(index: number): Promise<Wire> {
    return this.#arrivals.until(() => this.peers[index], `connection ${index} to the backend`);
  }

  close(): void {
    this.#server.close();
    for (const peer of this.peers) peer.destroy();
  }

  async #serve(peer: Wire): Promise<void> {
    this.peers.push(peer);
    const index = this.peers.length - 1;
    this.#arrivals.tell();
    try {
      await this.script(peer, index);
    } catch {
      // The client left in the middle of the script, or never said what the script waits for: it ends here.
    }
    peer.end();
    await peer.closed(60_000).catch(() => undefined);
    peer.destroy();
  }
}

/** Listens on the process's own address, on a free port or the given one. */
export async function startBackend(
  scope: Scope,
  script: BackendScript,
  where: { readonly host?: string; readonly port?: number } = {},
): Promise<FakeBackend> {
  const host = where.host ?? ownAddress();
  const server = createServer({ allowHalfOpen: true });
  const port = await listen(server, host, where.port ?? 0);
  const backend = new FakeBackend(server, host, port, script);
  scope.after(() => backend.close());
  return backend;
}

/** How long a backend waits for its client's next line, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * A dialogue in lock step: the first text is the greeting, each further one answers one line. `$TAG` becomes the
 * first word of the first line. Afterwards `then` goes on.
 */
export function dialogue(texts: readonly string[], then: BackendScript = echo): BackendScript {
  return async (peer, index) => {
    let tag: string | undefined;
    for (const [step, text] of texts.entries()) {
      if (step > 0) {
        const line = await peer.line(PATIENCE_MS);
        tag ??= line.split(/[ \r\n]/)[0];
      }
      await peer.send(text.replaceAll('$TAG', tag ?? '*'));
    }
    await then(peer, index);
  };
}

/** Answers each line with itself in brackets behind `250 `, `+OK ` or the line's tag; closes at QUIT or LOGOUT. */
export const echo: BackendScript = async (peer) => {
  for (;;) {
    const line = (await peer.line(PATIENCE_MS)).replace(/\r?\n$/, '');
    await peer.send(`+OK 250 [${line}]\r\n`);
    if (/^(?:quit|\S+ logout)/i.test(line)) return;
  }
};

/** Says nothing more and keeps the connection until the client leaves. */
export const silence: BackendScript = async (peer) => {
  await peer.closed(PATIENCE_MS);
};

/** A POP3 server that lets everybody in. */
export const pop3Backend: BackendScript = dialogue(['+OK backend\r\n', '+OK user\r\n', '+OK logged in\r\n']);

/** An IMAP server that lets everybody in by synchronising literals, whatever bytes they hold. */
export const imapBackend: BackendScript = async (peer, index) => {
  await peer.send('* OK backend\r\n');
  const [, tag = '*', user = '0'] = await peer.match(/^(\S*) LOGIN \{(\d+)\}\r\n/, PATIENCE_MS);
  await peer.send('+ OK\r\n');
  await peer.bytes(Number(user), PATIENCE_MS);
  const [, password = '0'] = await peer.match(/^ \{(\d+)\}\r\n/, PATIENCE_MS);
  await peer.send('+ OK\r\n');
  await peer.bytes(Number(password), PATIENCE_MS);
  await peer.line(PATIENCE_MS);
  await peer.send(`${tag} OK logged in\r\n`);
  await echo(peer, index);
};

/** An SMTP server that takes any command. */
export const smtpBackend: BackendScript = async (peer) => {
  await peer.send('220 backend ESMTP\r\n');
  for (;;) {
    const line = (await peer.line(PATIENCE_MS)).replace(/\r?\n$/, '');
    await peer.send(smtpReply(line));
    if (/^quit/i.test(line)) return;
  }
};

function smtpReply(line: string): string {
  const verb = line.split(' ')[0]?.toUpperCase();
  switch (verb) {
    case 'EHLO':
      return '250-backend\r\n250-XCLIENT NAME ADDR LOGIN\r\n250 AUTH PLAIN\r\n';
    case 'XCLIENT':
      return '220 backend ESMTP\r\n';
    case 'AUTH':
      return '235 2.7.0 done\r\n';
    case 'QUIT':
      return '221 bye\r\n';
    default:
      return `250 [${line}]\r\n`;
  }
}
