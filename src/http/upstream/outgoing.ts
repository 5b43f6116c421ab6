// What is sent to a peer: a head, the body of the request, and what stands around its pieces. It can be sent again.
import type { Socket } from 'node:net';
import type { BodyFile } from '../request/body-file.ts';

/** In memory, or in a file where it is large. */
export type PassedBody = Buffer | BodyFile;

export interface Outgoing {
  readonly head: Buffer;
  readonly body: PassedBody | undefined;
  /** What a piece of the body looks like on the wire. */
  readonly frame: (piece: Buffer) => readonly Buffer[];
  /** Behind the body. */
  readonly tail: Buffer | undefined;
}

/** @returns stops it: nothing more is written */
export function sendTo(socket: Socket, { head, body, frame, tail }: Outgoing, sent: () => void): () => void {
  if (body === undefined || Buffer.isBuffer(body)) {
    const parts = [head, ...(body === undefined ? [] : frame(body)), ...(tail === undefined ? [] : [tail])];
    socket.write(parts.length === 1 ? head : Buffer.concat(parts), sent);
    return () => {};
  }
  const file = body.open();
  let isRead = false;
  const onWritten = (): void => {
    if (isRead && socket.writableLength === 0) sent();
  };
  const onDrain = (): void => {
    file.resume();
  };
  socket.write(head);
  socket.on('drain', onDrain);
  file.on('data', (piece: Buffer) => {
    for (const part of frame(piece)) socket.write(part, onWritten);
    if (socket.writableNeedDrain) file.pause();
  });
  // The owner of the connection learns of it.
  file.once('error', (error) => socket.destroy(error));
  file.once('end', () => {
    isRead = true;
    if (tail === undefined) onWritten();
    else socket.write(tail, onWritten);
  });
  return () => {
    socket.off('drain', onDrain);
    file.destroy();
  };
}
