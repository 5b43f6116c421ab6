// The next connection that this process makes: how much of the answer it has read.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { turnsUntil } from '../../support/in-time.ts';

const CHANNEL = 'net.client.socket';

export class NextClient {
  #socket: Socket | undefined;

  constructor() {
    const opened = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !('socket' in message)) return;
      if (!(message.socket instanceof Socket)) return;
      this.#socket = message.socket;
      unsubscribe(CHANNEL, opened);
    };
    subscribe(CHANNEL, opened);
  }

  hasRead(bytes: number): Promise<void> {
    return turnsUntil(() => this.#socket !== undefined && this.#socket.bytesRead >= bytes);
  }
}
