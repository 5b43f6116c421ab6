// The demo POP3 backend: shows the demo mailbox (RFC 1939; UIDL, TOP and CAPA of RFC 2449).
import { isDemoLogin } from './account.ts';
import { type Client, type DemoServer, startServer } from './demo-server.ts';
import { TooLong } from './line-reader.ts';
import { type Mailbox, type Message, splitMessage } from './mailbox.ts';

const MAX_LINE = 512;
const CAPABILITIES = ['TOP', 'USER', 'UIDL'];

/** Listens on a port of 127.0.0.1, 0 for a free one. Rejects where it cannot be bound. */
export function startPop3Backend(port: number, mailbox: Mailbox): Promise<DemoServer> {
  return startServer(port, (client) => new Pop3Session(client, mailbox).run());
}

const error = (text: string): string => `-ERR ${text}\r\n`;
const ok = (text: string): string => `+OK ${text}\r\n`;
const list = (head: string, lines: readonly string[]): string =>
  `${ok(head)}${lines.map((l) => `${l}\r\n`).join('')}.\r\n`;

class Pop3Session {
  readonly #client: Client;
  readonly #mailbox: Mailbox;
  #user = '';
  /** The messages as they were at login; undefined before it. */
  #drop: readonly Message[] | undefined;
  readonly #deleted = new Set<number>();

  constructor(client: Client, mailbox: Mailbox) {
    this.#client = client;
    this.#mailbox = mailbox;
  }

  async run(): Promise<void> {
    await this.#client.send(ok('Postern demo POP3 backend ready'));
    try {
      for (;;) {
        const line = await this.#client.input.line(MAX_LINE);
        if (line === undefined) return;
        const [verb = '', ...args] = line.trim().split(' ');
        await this.#client.send(this.#answer(verb.toUpperCase(), args));
        if (verb.toUpperCase() === 'QUIT') return;
      }
    } catch (cause) {
      if (cause instanceof TooLong) await this.#client.send(error('line too long'));
    }
  }

  #answer(verb: string, args: readonly string[]): string | Buffer {
    if (verb === 'CAPA') return list('capabilities follow', CAPABILITIES);
    if (verb === 'QUIT') return this.#quit();
    return this.#drop === undefined ? this.#authorize(verb, args) : this.#transact(verb, args, this.#drop);
  }

  #authorize(verb: string, args: readonly string[]): string {
    if (verb === 'USER') {
      this.#user = args.join(' ');
      return ok('password please');
    }
    if (verb !== 'PASS') return error('log in first');
    if (!isDemoLogin(this.#user, args.join(' '))) return error('login refused by the demo backend');
    this.#drop = this.#mailbox.messages;
    return ok(`${this.#drop.length} messages`);
  }

  #transact(verb: string, args: readonly string[], drop: readonly Message[]): string | Buffer {
    const left = [...drop.entries()].filter(([i]) => !this.#deleted.has(i));
    switch (verb) {
      case 'NOOP':
        return ok('nothing done');
      case 'RSET':
        this.#deleted.clear();
        return ok(`${drop.length} messages`);
      case 'STAT':
        return ok(`${left.length} ${left.reduce((sum, [, { bytes }]) => sum + bytes.length, 0)}`);
      case 'LIST':
        return this.#listing(args, left, ({ bytes }) => String(bytes.length));
      case 'UIDL':
        return this.#listing(args, left, ({ uid }) => `${this.#mailbox.uidValidity}.${uid}`);
      default:
        return this.#onMessage(verb, args, left);
    }
  }

  #listing(args: readonly string[], left: [number, Message][], show: (message: Message) => string): string {
    const lines = left.map(([i, message]) => `${i + 1} ${show(message)}`);
    if (args.length === 0) return list(`${left.length} messages`, lines);
    const at = left.findIndex(([i]) => String(i + 1) === args[0]);
    return at < 0 ? error('no such message') : ok(lines[at] ?? '');
  }

  #onMessage(verb: string, args: readonly string[], left: [number, Message][]): string | Buffer {
    if (verb !== 'RETR' && verb !== 'TOP' && verb !== 'DELE') return error('unknown command');
    const found = left.find(([i]) => String(i + 1) === args[0]);
    if (found === undefined) return error('no such message');
    const [index, message] = found;
    if (verb === 'DELE') {
      this.#deleted.add(index);
      return ok('deleted at QUIT');
    }
    if (verb === 'RETR') return multiline(message.bytes, `${message.bytes.length} octets`);
    const count = /^\d{1,9}$/.test(args[1] ?? '') ? Number(args[1]) : undefined;
    if (count === undefined) return error('TOP takes a message and a number of lines');
    const { header, body } = splitMessage(message.bytes);
    const lines = body.toString('latin1').split('\r\n').slice(0, count);
    return multiline(Buffer.concat([header, Buffer.from(lines.join('\r\n'), 'latin1')]), 'top of the message');
  }

  #quit(): string {
    const gone = [...this.#deleted].map((i) => this.#drop?.[i]?.uid ?? 0);
    if (gone.length > 0) this.#mailbox.remove(new Set(gone));
    return ok('goodbye');
  }
}

/** Dots at the start of a line are doubled, and a line of one dot ends the answer. */
function multiline(bytes: Buffer, head: string): Buffer {
  const text = bytes.toString('latin1');
  const body = text.endsWith('\r\n') || text === '' ? text : `${text}\r\n`;
  return Buffer.from(`${ok(head)}${body.replace(/^\./gm, '..')}.\r\n`, 'latin1');
}
