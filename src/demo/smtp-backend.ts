// The demo SMTP backend: delivers into the demo mailbox, whoever a message is for (RFC 5321; XCLIENT of Postfix).
import { printable } from '../core/log.ts';
import { type Client, type DemoServer, startServer } from './demo-server.ts';
import { TooLong } from './line-reader.ts';
import { MAX_MESSAGE_BYTES, type Mailbox } from './mailbox.ts';

const MAX_LINE = 4096;
/** RFC 5321 allows 1000 bytes; clients send more. */
const MAX_DATA_LINE = 65_536;
const MAX_RECIPIENTS = 20;
const NAME = 'demo-backend.example.org';

/** Listens on a port of 127.0.0.1, 0 for a free one. Rejects where it cannot be bound. */
export function startSmtpBackend(port: number, mailbox: Mailbox): Promise<DemoServer> {
  return startServer(port, (client) => new SmtpSession(client, mailbox).run());
}

const GREETING = `220 ${NAME} ESMTP Postern demo SMTP backend\r\n`;
const EXTENSIONS = ['XCLIENT NAME ADDR LOGIN', '8BITMIME', 'PIPELINING', `SIZE ${MAX_MESSAGE_BYTES}`];
const EHLO_REPLY = `${[NAME, ...EXTENSIONS].map((l, i, all) => `250${i < all.length - 1 ? '-' : ' '}${l}`).join('\r\n')}\r\n`;

class SmtpSession {
  readonly #client: Client;
  readonly #mailbox: Mailbox;
  /** What the proxy told of the real client by XCLIENT. */
  #origin = new Map<string, string>();
  #helo = '';
  #from: string | undefined;
  #to: string[] = [];

  constructor(client: Client, mailbox: Mailbox) {
    this.#client = client;
    this.#mailbox = mailbox;
  }

  async run(): Promise<void> {
    await this.#client.send(GREETING);
    try {
      for (;;) {
        const line = await this.#client.input.line(MAX_LINE);
        if (line === undefined) return;
        const verb = line.split(' ', 1)[0]?.toUpperCase() ?? '';
        if (verb === 'DATA') await this.#data();
        else await this.#client.send(this.#answer(verb, line.slice(verb.length).trim()));
        if (verb === 'QUIT') return;
      }
    } catch (cause) {
      if (cause instanceof TooLong) await this.#client.send('500 5.5.2 Line too long\r\n');
    }
  }

  #answer(verb: string, rest: string): string {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        this.#reset();
        this.#helo = rest;
        return verb === 'EHLO' ? EHLO_REPLY : `250 ${NAME}\r\n`;
      case 'XCLIENT':
        return this.#xclient(rest);
      case 'MAIL':
        return this.#mail(rest);
      case 'RCPT':
        return this.#recipient(rest);
      case 'RSET':
        this.#reset();
        return '250 2.0.0 OK\r\n';
      case 'NOOP':
        return '250 2.0.0 OK\r\n';
      case 'QUIT':
        return '221 2.0.0 Goodbye\r\n';
      default:
        return '502 5.5.1 Command not implemented by the demo\r\n';
    }
  }

  #reset(): void {
    this.#from = undefined;
    this.#to = [];
  }

  /** Anyone may say anything here: the demo listens on loopback only. A real backend trusts its proxies alone. */
  #xclient(rest: string): string {
    this.#reset();
    this.#origin = new Map();
    for (const attribute of rest.split(' ')) {
      const [name = '', value = ''] = attribute.split('=', 2);
      if (!['NAME', 'ADDR', 'LOGIN'].includes(name.toUpperCase())) return '501 5.5.4 Bad XCLIENT attribute\r\n';
      this.#origin.set(name.toUpperCase(), xtext(value));
    }
    return GREETING;
  }

  #mail(rest: string): string {
    const from = /^FROM:\s*<([^<>]*)>(.*)$/i.exec(rest);
    if (this.#from !== undefined || from === null) return '501 5.5.4 Unexpected or bad MAIL\r\n';
    const size = /\bSIZE=(\d{1,12})\b/i.exec(from[2] ?? '');
    if (size !== null && Number(size[1]) > MAX_MESSAGE_BYTES) return '552 5.3.4 Message too big for the demo\r\n';
    this.#from = from[1] ?? '';
    return '250 2.1.0 OK\r\n';
  }

  #recipient(rest: string): string {
    const to = /^TO:\s*<([^<>]+)>/i.exec(rest);
    if (this.#from === undefined || to === null) return '503 5.5.1 MAIL first, then RCPT TO:<address>\r\n';
    if (this.#to.length >= MAX_RECIPIENTS) return '452 4.5.3 Too many recipients\r\n';
    this.#to.push(to[1] ?? '');
    return '250 2.1.5 OK, for the demo mailbox\r\n';
  }

  async #data(): Promise<void> {
    if (this.#from === undefined || this.#to.length === 0) {
      await this.#client.send('503 5.5.1 MAIL and RCPT first\r\n');
      return;
    }
    await this.#client.send('354 End with a dot on a line by itself\r\n');
    const body = await this.#readMessage();
    if (body === 'cut off') return;
    const message = body === 'too big' ? undefined : Buffer.from(this.#trace() + body, 'latin1');
    this.#reset();
    if (message === undefined) await this.#client.send('552 5.3.4 Message too big for the demo\r\n');
    else if (this.#mailbox.append(message)) await this.#client.send('250 2.0.0 OK, delivered to the demo mailbox\r\n');
    else await this.#client.send('452 4.2.2 The demo mailbox is full\r\n');
  }

  /** Lines up to the single dot, with their leading dots undone; past the limit they are read and forgotten. */
  async #readMessage(): Promise<string | 'too big' | 'cut off'> {
    const lines: string[] = [];
    let size = 0;
    for (;;) {
      const line = await this.#client.input.line(MAX_DATA_LINE);
      if (line === undefined) return 'cut off';
      if (line === '.') break;
      // Counted with its CRLF, so that a flood of empty lines is bounded too.
      size += line.length + 2;
      if (size <= MAX_MESSAGE_BYTES) lines.push(line.startsWith('.') ? line.slice(1) : line);
    }
    return size > MAX_MESSAGE_BYTES ? 'too big' : `${lines.join('\r\n')}\r\n`;
  }

  /** RFC 5321, section 4.4: says what the proxy told of the client. Control bytes would end a header line. */
  #trace(): string {
    const addr = this.#origin.get('ADDR') ?? this.#client.address;
    const login = this.#origin.get('LOGIN');
    const by = login === undefined ? '' : `\r\n\t(authenticated as ${printable(login)})`;
    const host = printable(this.#origin.get('NAME') ?? '[UNAVAILABLE]');
    const date = new Date().toUTCString().replace('GMT', '+0000');
    const head = `Return-Path: <${printable(this.#from ?? '')}>\r\nDelivered-To: ${this.#to.map(printable).join(', ')}`;
    const from = `from ${printable(this.#helo)} (${host} [${printable(addr)}])${by}`;
    return `${head}\r\nReceived: ${from}\r\n\tby ${NAME} with ESMTP; ${date}\r\n`;
  }
}

/** RFC 1891: `+XX` stands for a byte. */
function xtext(value: string): string {
  return value.replace(/\+([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
