// A client of the benchmark on Node.js: connects, over TLS or not, and is taken through the dialogue of a login.
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

export type Failure = 'refused' | 'lost' | 'denied';

type Step = readonly [said: string, expected: string];

const DIALOGUES: Readonly<Record<string, readonly Step[]>> = {
  imap: [
    ['', '* OK'],
    ['a LOGIN user@example.org secret12\r\n', 'a OK'],
  ],
  pop3: [
    ['', '+OK'],
    ['USER user@example.org\r\n', '+OK'],
    ['PASS secret12\r\n', '+OK'],
  ],
  smtp: [
    ['', '220 '],
    ['EHLO client.example.org\r\n', '250 '],
    ['AUTH PLAIN AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0MTI=\r\n', '235 '],
  ],
};

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  /** The version, "1.2" or "1.3"; empty: in clear. */
  readonly tls: string;
  readonly logsIn: boolean;
  /** TLS session of the connection before, by lane; undefined: none is offered. */
  readonly sessions: Map<number, Buffer> | undefined;
}

const isTls = (socket: Socket): socket is TLSSocket => 'isSessionReused' in socket;

export class Client {
  readonly since = process.hrtime.bigint();
  readonly socket: Socket;
  #text = '';
  #step = 0;
  #settled = false;
  readonly #dialogue: readonly Step[];
  readonly #came: (failure?: Failure) => void;

  /** @param came tells once that it is in, or why not */
  constructor(options: ClientOptions, lane: number, came: (failure?: Failure) => void) {
    const steps = DIALOGUES[options.protocol] ?? [];
    this.#dialogue = options.logsIn ? steps : steps.slice(0, 1);
    this.#came = came;
    this.socket = open(options, lane);
    this.socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#settle(error.code === 'ECONNREFUSED' ? 'refused' : 'lost'),
    );
    this.socket.on('close', () => this.#settle('lost'));
    this.socket.on('data', this.#talk);
  }

  get resumed(): boolean {
    return isTls(this.socket) && this.socket.isSessionReused();
  }

  get alive(): boolean {
    return this.#settled && !this.socket.destroyed && !this.socket.readableEnded;
  }

  readonly #talk = (chunk: Buffer): void => {
    this.#text += chunk.toString('latin1');
    if (!this.#text.endsWith('\n')) return;
    const last = this.#text.trimEnd().split('\n').at(-1) ?? '';
    if (!last.startsWith(this.#dialogue[this.#step]?.[1] ?? '')) {
      if (!last.startsWith('*') && last[3] !== '-') this.#settle('denied');
      return;
    }
    this.#text = '';
    this.#step++;
    const next = this.#dialogue[this.#step];
    if (next !== undefined) this.socket.write(next[0]);
    else {
      this.socket.off('data', this.#talk);
      this.socket.on('data', () => undefined);
      this.#settle();
    }
  };

  #settle(failure?: Failure): void {
    if (this.#settled) return;
    this.#settled = true;
    if (failure !== undefined) this.socket.destroy();
    this.#came(failure);
  }
}

function open({ host, port, tls, sessions }: ClientOptions, lane: number): Socket {
  if (tls === '') return connect({ host, port, noDelay: true });
  const version = tls === '1.2' ? 'TLSv1.2' : 'TLSv1.3';
  const session = sessions?.get(lane);
  const options: ConnectionOptions = {
    host,
    port,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
  };
  const socket = connectTls(session === undefined ? options : { ...options, session });
  socket.setNoDelay(true);
  socket.on('session', (fresh: Buffer) => sessions?.set(lane, fresh));
  return socket;
}
