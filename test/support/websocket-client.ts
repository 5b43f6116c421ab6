// A WebSocket client by hand (RFC 6455): it sends what frames a test likes, and says what came.
import assert from 'node:assert/strict';
import type { Wire } from './wire.ts';

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Of RFC 6455, 1.3. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

export interface Handshake {
  readonly path: string;
  readonly host?: string;
  readonly headers?: readonly string[];
}

export const handshake = ({ path, host = 'localhost', headers = [] }: Handshake): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: keep-alive, Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
    ...headers,
    '\r\n',
  ].join('\r\n');

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function frame(opcode: number, data: string | Buffer, fin = true): Buffer {
  const payload = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = opcode | (fin ? 0x80 : 0);
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const masked = Buffer.from(payload);
  for (let i = 0; i < length; i++) masked[i] = (masked[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return Buffer.concat([head, MASK, masked]);
}

export class WebSocketClient {
  readonly wire: Wire;
  /** The lines of the answer. */
  readonly head: readonly string[];
  #unread: Buffer = Buffer.alloc(0);

  private constructor(wire: Wire, head: readonly string[]) {
    this.wire = wire;
    this.head = head;
  }

  static async open(wire: Wire, options: Handshake): Promise<WebSocketClient> {
    await wire.send(handshake(options));
    const [text] = await wire.match(/^[\s\S]*?\r\n\r\n/);
    const head = text.trimEnd().split('\r\n');
    assert.equal(head[0], 'HTTP/1.1 101 Switching Protocols');
    assert.ok(head.includes(`Sec-WebSocket-Accept: ${ACCEPT}`));
    return new WebSocketClient(wire, head);
  }

  send(data: string | Buffer, opcode = BINARY): Promise<void> {
    return this.wire.send(frame(opcode, data));
  }

  async frame(): Promise<Frame> {
    const head = await this.wire.bytes(2);
    const short = (head[1] ?? 0) & 0x7f;
    assert.equal((head[1] ?? 0) & 0x80, 0, 'a server masks nothing');
    assert.equal((head[0] ?? 0) & 0xf0, 0x80, 'whole, and without extensions');
    const length =
      short < 126
        ? short
        : short === 126
          ? (await this.wire.bytes(2)).readUInt16BE()
          : Number((await this.wire.bytes(8)).readBigUInt64BE());
    return { opcode: (head[0] ?? 0) & 0x0f, payload: await this.wire.bytes(length) };
  }

  /** The next so many bytes of binary frames. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#unread.length < count) {
      const { opcode, payload } = await this.frame();
      if (opcode === PING) continue;
      assert.equal(opcode, BINARY);
      this.#unread = Buffer.concat([this.#unread, payload]);
    }
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  async line(): Promise<string> {
    let text = '';
    while (!text.endsWith('\n')) text += (await this.bytes(1)).toString('latin1');
    return text;
  }

  /** The end: a Close frame with its code; what comes before is dropped. */
  async closeCode(): Promise<number> {
    for (;;) {
      const { opcode, payload } = await this.frame();
      if (opcode === CLOSE) return payload.length < 2 ? 1005 : payload.readUInt16BE();
    }
  }
}
