// A program between its standard streams and a WebSocket: what mbsync calls a tunnel.
import process, { stderr, stdin, stdout } from 'node:process';
import WebSocket from 'crossws/websocket';

const [, , url = ''] = process.argv;
/** Bytes that may wait to be sent. */
const MAX_WAITING = 1_048_576;
const LOOK_MS = 5;

const socket = new WebSocket(url, ['chat', 'imap']);
socket.binaryType = 'arraybuffer';

stdin.pause();
stdin.on('data', (chunk: Buffer) => {
  socket.send(chunk);
  if (socket.bufferedAmount <= MAX_WAITING) return;
  stdin.pause();
  const look = setInterval(() => {
    if (socket.bufferedAmount > MAX_WAITING) return;
    clearInterval(look);
    stdin.resume();
  }, LOOK_MS);
});
stdin.on('end', () => socket.close());
socket.addEventListener('open', () => {
  if (socket.protocol !== 'imap') throw new Error(`the protocol is "${socket.protocol}"`);
  stdin.resume();
});
socket.addEventListener('message', ({ data }: { data: unknown }) => {
  if (data instanceof ArrayBuffer) stdout.write(Buffer.from(data));
});
socket.addEventListener('close', () => stdin.destroy());
socket.addEventListener('error', () => {
  stderr.write('the WebSocket failed\n');
  process.exit(1);
});
