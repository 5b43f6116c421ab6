// A DNS server on loopback, UDP and TCP on one port (RFC 1035): answers are scripted by name and type.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import {
  type Answer,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { Changes, inTime } from './in-time.ts';

type Transport = 'udp' | 'tcp';

/** What the server says to one question. An empty object is an empty answer without an error. */
export interface Reply {
  readonly answers?: readonly Answer[];
  readonly rcode?: number;
  /** Sets the TC bit. */
  readonly truncated?: boolean;
  /** Instead of the id of the query. */
  readonly id?: number;
  /** Instead of the name or type asked for. */
  readonly question?: { readonly name?: string; readonly type?: 'A' | 'AAAA' | 'PTR' | 'MX' };
  /** These datagrams (over TCP: these bytes, without a length) instead of all of the above. */
  readonly raw?: readonly Buffer[];
  /** No answer at all. */
  readonly drop?: boolean;
  /** The answer waits for it. */
  readonly after?: Promise<void>;
  /** TCP: closes the connection after the answer. */
  readonly close?: boolean;
}

type Script = Reply | ((query: FakeQuery) => Reply);

/** A question that arrived. */
export interface FakeQuery {
  readonly transport: Transport;
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly raw: Buffer;
}

const RESPONSE_FLAGS = RECURSION_DESIRED | RECURSION_AVAILABLE;

/** The bytes of a whole response to `query`, for tests that then spoil them. */
export function responseBytes(query: FakeQuery, reply: Reply): Buffer {
  const asked = tolerantDecode(query.raw)?.questions?.[0] ?? { name: '.', type: 'A' };
  return encode({
    type: 'response',
    id: reply.id ?? query.id,
    flags: RESPONSE_FLAGS | (reply.truncated === true ? TRUNCATED_RESPONSE : 0) | (reply.rcode ?? 0),
    questions: [{ ...asked, ...reply.question }],
    answers: [...(reply.answers ?? [])],
  });
}

/** Undefined: a question that this server cannot read; it is listed without a name. */
function tolerantDecode(raw: Buffer): Packet | undefined {
  try {
    return decode(raw);
  } catch {
    return undefined;
  }
}

export class FakeDns {
  readonly port: number;
  /** Everything that was asked, in order. */
  readonly queries: FakeQuery[] = [];
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #scripts = new Map<string, Script>();
  readonly #connections = new Set<Socket>();
  readonly #changes = new Changes();

  private constructor(udp: UdpSocket, tcp: Server) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = udp.address().port;
    udp.on('message', (raw, from) => this.#onDatagram(raw, from));
    udp.on('error', () => {});
    tcp.on('connection', (socket) => this.#onConnection(socket));
  }

  /** Listens on a port of 127.0.0.1 that is free for both. */
  static async start(): Promise<FakeDns> {
    for (;;) {
      const tcp = createServer();
      tcp.listen(0, '127.0.0.1');
      await once(tcp, 'listening');
      const address = tcp.address();
      const udp = createSocket('udp4');
      const free = once(udp, 'listening').then(
        () => true,
        () => false,
      );
      udp.bind(address === null || typeof address === 'string' ? 0 : address.port, '127.0.0.1');
      if (await free) return new FakeDns(udp, tcp);
      tcp.close();
    }
  }

  /** Sets what is said to questions of this name (as in the question, lower case) and type, from now on. */
  script(name: string, type: 'A' | 'AAAA' | 'PTR', reply: Script): this {
    this.#scripts.set(`${type} ${name}`, reply);
    return this;
  }

  /** Resolves when that many questions have arrived since the start. */
  async asked(count: number): Promise<void> {
    await this.#changes.until(() => this.queries.length >= count, `DNS query ${count}`);
  }

  /** Names and types asked, one string each: `udp A a.example`. */
  log(): string[] {
    return this.queries.map((q) => `${q.transport} ${q.type} ${q.name}`);
  }

  /** How many TCP connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resolves when no TCP connection is open. */
  async disconnected(): Promise<void> {
    await this.#changes.until(() => this.#connections.size === 0, 'the end of the DNS connections');
  }

  /** Refuses TCP connections from now on. */
  closeTcp(): void {
    this.#tcp.close();
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const udp = new Promise<void>((resolve) => {
      this.#udp.close(() => resolve());
    });
    const tcp = new Promise<void>((resolve) => {
      this.#tcp.close(() => resolve());
    });
    await inTime(Promise.all([udp, tcp]), 'the DNS server to close');
  }

  #onDatagram(raw: Buffer, from: RemoteInfo): void {
    this.#answer('udp', raw, (bytes) => {
      this.#udp.send(bytes, from.port, from.address, () => {}); // the asker may be gone
    });
  }

  #onConnection(socket: Socket): void {
    let pending: Buffer = Buffer.alloc(0);
    this.#connections.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#changes.tell();
    });
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const raw = pending.subarray(2, end);
        pending = pending.subarray(end);
        this.#answer(
          'tcp',
          raw,
          (bytes, framed) => {
            const length = Buffer.alloc(2);
            length.writeUInt16BE(bytes.length);
            socket.write(framed ? Buffer.concat([length, bytes]) : bytes);
          },
          () => socket.end(),
        );
      }
    });
  }

  #answer(transport: Transport, raw: Buffer, send: (bytes: Buffer, framed: boolean) => void, end?: () => void): void {
    const message = tolerantDecode(raw);
    const asked = message?.questions?.[0];
    const query: FakeQuery = {
      transport,
      id: message?.id ?? 0,
      name: (asked?.name ?? '').toLowerCase(),
      type: asked?.type ?? '',
      raw,
    };
    this.queries.push(query);
    const script = this.#scripts.get(`${query.type} ${query.name}`) ?? { rcode: 3 };
    const reply = typeof script === 'function' ? script(query) : script;
    const deliver = (): void => {
      if (reply.drop === true) return;
      if (reply.raw === undefined) send(responseBytes(query, reply), true);
      else for (const bytes of reply.raw) send(bytes, false);
      if (reply.close === true) end?.();
    };
    if (reply.after === undefined) deliver();
    else void reply.after.then(deliver);
    this.#changes.tell();
  }
}
