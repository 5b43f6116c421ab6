// Whether the handles of this Node.js do what they should: some bytes there and back over the loopback interface.
import net from 'node:net';
import { inetAddress } from '../../core/address.ts';
import { type ConnHandler, IGNORE } from '../connection.ts';
import type { Arrival } from '../transport.ts';
import { takeBindings } from './native.ts';
import { HandleTransport } from './transport.ts';

const LOOPBACK = '127.0.0.1';
const LIMIT_MS = 1000;
/** More than one read takes. */
const MESSAGE = Buffer.alloc(100_000, 'postern ');

/** @returns what is wrong with them; undefined: nothing */
export async function testHandles(): Promise<string | undefined> {
  const bindings = takeBindings();
  if (typeof bindings === 'string') return bindings;
  try {
    return await new Trial(new HandleTransport(bindings)).run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The client sends a message and the end, the server sends it back, and the same. */
class Trial {
  readonly #transport: HandleTransport;
  readonly #echo: Buffer[] = [];
  #settle: (fault: string | undefined) => void = () => {};

  constructor(transport: HandleTransport) {
    this.#transport = transport;
  }

  run(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const source = net._createServerHandle(LOOPBACK, 0, 4);
      if (typeof source === 'number') {
        resolve(`no socket on ${LOOPBACK}`);
        return;
      }
      const listening = {
        address: inetAddress(Uint8Array.of(127, 0, 0, 1), 0),
        text: LOOPBACK,
        options: { backlog: 1, ipv6only: true, keepaliveS: undefined },
        accept: (arrival: Arrival) => this.#serve(arrival),
      };
      const server = this.#transport.listen(listening, source, (error) => this.#settle(error.message));
      const limit = setTimeout(() => this.#settle('no answer'), LIMIT_MS);
      this.#settle = (fault) => {
        clearTimeout(limit);
        server.close();
        resolve(fault);
      };
      const address = server.address();
      if (address === null || typeof address === 'string') this.#settle('no address');
      else this.#call(address.port);
    });
  }

  #serve({ connection }: Arrival): void {
    const received: Buffer[] = [];
    connection.onFault = (error) => this.#settle(String(error));
    connection.handler = {
      ...IGNORE,
      onData: (chunk) => received.push(Buffer.from(chunk)),
      onEof: () => {
        connection.write(Buffer.concat(received));
        connection.finish();
      },
    };
    connection.lendChunks();
    connection.resume();
  }

  #call(port: number): void {
    const handler: ConnHandler = {
      ...IGNORE,
      onData: (chunk) => this.#echo.push(chunk),
      onEof: () => {
        const isWhole = Buffer.concat(this.#echo).equals(MESSAGE);
        connection.destroy();
        this.#settle(isWhole ? undefined : 'bytes were lost');
      },
      onClose: (error) => this.#settle(error?.message ?? 'closed'),
    };
    const connection = this.#transport.dial({ kind: 'inet', address: LOOPBACK, port }, handler);
    connection.onFault = (error) => this.#settle(String(error));
    connection.write(MESSAGE);
    connection.endOutput(() => {});
    connection.resume();
  }
}
