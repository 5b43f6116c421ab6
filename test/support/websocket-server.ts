// The server's end of a WebSocket, by hand (RFC 6455): enough to send text to a browser, and to hear what it says.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;

export class ServerSocket {
  onText: (text: string) => void = () => {};
  onClose: () => void = () => {};
  readonly #stream: Duplex;
  #unread: Buffer = Buffer.alloc(0);

  /** Answers the handshake. */
  constructor(request: IncomingMessage, stream: Duplex) {
    this.#stream = stream;
    const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    );
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', () => stream.destroy());
    stream.on('close', () => this.onClose());
  }

  send(message: object): void {
    this.#frame(TEXT, Buffer.from(JSON.stringify(message)));
  }

  close(code: number, reason = ''): void {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.#frame(CLOSE, payload);
    this.#stream.end();
  }

  #frame(opcode: number, payload: Buffer): void {
    if (!this.#stream.writable) return;
    const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    head[1] = head.length === 2 ? payload.length : head.length === 4 ? 126 : 127;
    if (head.length === 4) head.writeUInt16BE(payload.length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
    this.#stream.write(Buffer.concat([head, payload]));
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const bytes = this.#unread;
      const [first = 0, second = 0] = bytes;
      const short = second & 0x7f;
      const at = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < at + 4) return;
      const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < at + 4 + length) return;
      const mask = bytes.subarray(at, at + 4);
      const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ (mask[i & 3] ?? 0)));
      this.#unread = bytes.subarray(at + 4 + length);
      if ((first & 0x0f) === TEXT) this.onText(payload.toString());
      if ((first & 0x0f) === CLOSE) this.#stream.end();
    }
  }
}
