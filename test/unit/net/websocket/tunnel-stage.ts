// A WebSocket in memory, from a client's connection to that of a session.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { IGNORE } from '../../../../src/net/connection.ts';
import { MemoryConnection } from '../../../../src/net/loopback/memory-connection.ts';
import { keyOf } from '../../../../src/net/websocket/handshake.ts';
import { HeadReader } from '../../../../src/net/websocket/request-head.ts';
import { Tunnel, type TunnelOptions } from '../../../../src/net/websocket/tunnel.ts';
import { turnsUntil } from '../../../support/in-time.ts';
import { BINARY, CLOSE, handshake } from '../../../support/websocket-client.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

export interface TunnelStage {
  readonly tunnel: Tunnel;
  readonly client: MemoryConnection;
  readonly session: MemoryConnection;
  readonly log: readonly string[];
  /** What the session was given. */
  readonly got: () => Buffer;
  /** What the client was sent behind the answer to its handshake. */
  readonly sent: () => Buffer;
  /** Nothing is left of it. */
  readonly isOver: () => boolean;
  settle(): Promise<void>;
  end(): Promise<void>;
}

export async function stageTunnel(limits: Partial<TunnelOptions['limits']> = {}): Promise<TunnelStage> {
  const received: Buffer[] = [];
  let sent: Buffer = Buffer.alloc(0);
  const log: string[] = [];
  const read = new HeadReader().add(Buffer.from(handshake({ path: '/' })));
  assert.ok(typeof read !== 'string');
  const [client, conn] = MemoryConnection.pair({
    ...IGNORE,
    onData: (chunk) => {
      sent = Buffer.concat([sent, chunk]);
    },
  });
  const [near, session] = MemoryConnection.pair(IGNORE, 4096);
  session.handler = { ...IGNORE, onData: (chunk) => received.push(chunk) };
  const tunnel = new Tunnel({
    conn,
    near,
    key: keyOf(read.head),
    protocol: 'imap',
    limits: { maxFrame: 65_536, pingMs: 0, timeoutMs: 0, ...limits },
    log: (text) => log.push(text),
    gone: () => {},
  });
  let isOver = false;
  const ended = tunnel.ended.then(() => {
    isOver = true;
  });
  await tunnel.start();
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await turn();
  };
  await turnsUntil(() => sent.includes(HEAD_END));
  return {
    tunnel,
    client,
    session,
    log,
    got: () => Buffer.concat(received),
    sent: () => sent.subarray(sent.indexOf(HEAD_END) + HEAD_END.length),
    isOver: () => isOver,
    settle,
    end: async () => {
      client.destroy();
      session.destroy();
      await turnsUntil(() => isOver, 'the end of the tunnel');
      await ended;
    },
  };
}

/** The code of the Close frame at the end; undefined: there is none. */
export function closeCode(bytes: Buffer): number | undefined {
  let code: number | undefined;
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6);
    if (opcode === CLOSE && length >= 2) code = bytes.readUInt16BE(at + head);
    at += head + length;
  }
  return code;
}

/** The bytes of binary frames. */
export function binaryOf(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6);
    if (((bytes[at] ?? 0) & 0x0f) === BINARY) parts.push(bytes.subarray(at + head, at + head + length));
    at += head + length;
  }
  return Buffer.concat(parts);
}
