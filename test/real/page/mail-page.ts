// What a page in a browser does here: IMAP over a WebSocket, read no faster than it likes. Served as it is compiled.

interface Opened {
  readonly readable: ReadableStream<ArrayBuffer | string>;
  readonly writable: { getWriter(): { write(bytes: Uint8Array): Promise<void> } };
  readonly protocol: string;
}

/** Chromium's: unlike WebSocket it has back-pressure. */
declare class WebSocketStream {
  constructor(url: string, options: { protocols: readonly string[] });
  readonly opened: Promise<Opened>;
  close(): void;
}

interface Fetched {
  readonly protocol: string;
  readonly greeting: string;
  readonly mailboxes: readonly string[];
  readonly size: number;
  readonly sha256: string;
  /** How often the reader let everybody wait. */
  readonly pauses: number;
}

const PAUSE_MS = 4;
const BYTES_BETWEEN = 131_072;

/** Lines and literals of a server. */
class Reader {
  pauses = 0;
  readonly #reader: ReadableStreamDefaultReader<ArrayBuffer | string>;
  #unread = new Uint8Array(0);
  #sincePause = 0;

  constructor(readable: Opened['readable']) {
    this.#reader = readable.getReader();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf(10);
      if (end >= 0) return new TextDecoder().decode(this.#take(end + 1));
      await this.#more();
    }
  }

  /** Lines through the one that begins so. */
  async linesTo(start: string): Promise<readonly string[]> {
    const lines: string[] = [];
    while (lines.at(-1)?.startsWith(start) !== true) lines.push(await this.line());
    return lines;
  }

  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const all = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      if (this.#unread.length === 0) await this.#more();
      const part = this.#take(count - at);
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #take(count: number): Uint8Array {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(taken.length);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#sincePause >= BYTES_BETWEEN) {
      this.#sincePause = 0;
      this.pauses++;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const { value, done } = await this.#reader.read();
    if (done || typeof value === 'string') throw new Error(done ? 'the WebSocket was closed' : 'it sent text');
    const bytes = new Uint8Array(value);
    this.#sincePause += bytes.length;
    const all = new Uint8Array(this.#unread.length + bytes.length);
    all.set(this.#unread);
    all.set(bytes, this.#unread.length);
    this.#unread = all;
  }
}

/** Logs in, lists the mailboxes, and fetches the first message of the INBOX. */
export async function fetchMail(url: string, user: string, password: string): Promise<Fetched> {
  const socket = new WebSocketStream(url, { protocols: ['imap'] });
  const { readable, writable, protocol } = await socket.opened;
  const reader = new Reader(readable);
  const writer = writable.getWriter();
  const say = (text: string): Promise<void> => writer.write(new TextEncoder().encode(`${text}\r\n`));
  const greeting = await reader.line();
  await say(`a LOGIN ${user} ${password}`);
  const [answer = ''] = (await reader.linesTo('a ')).slice(-1);
  if (!answer.startsWith('a OK')) throw new Error(answer);
  await say('b LIST "" *');
  const mailboxes = (await reader.linesTo('b OK')).slice(0, -1);
  await say('c SELECT INBOX');
  await reader.linesTo('c OK');
  await say('d FETCH 1 BODY.PEEK[]');
  const [, digits = ''] = /\{(\d+)\}/.exec(await reader.line()) ?? [];
  const message = await reader.bytes(Number(digits));
  await reader.linesTo('d OK');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', message));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  socket.close();
  return { protocol, greeting, mailboxes, size: message.length, sha256, pauses: reader.pauses };
}
