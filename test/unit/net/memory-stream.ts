// A stream in memory whose far end is in the hands of the test.
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

export class MemoryStream extends Duplex {
  /** What the far end has taken, a byte per character. */
  taken = '';
  /** Our side has finished sending. */
  finished = false;
  /** Hears of every chunk that is taken. */
  onTaken: (chunk: Buffer) => void = () => {};
  #held: (() => void)[] | undefined;

  /** @param highWaterMark bytes that may wait in either direction before the stream says stop */
  constructor(highWaterMark = 16_384) {
    super({ highWaterMark, allowHalfOpen: true });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#whenTaking(() => {
      this.taken += chunk.toString('latin1');
      this.onTaken(chunk);
      done();
    });
  }

  override _final(done: () => void): void {
    this.#whenTaking(() => {
      this.finished = true;
      done();
    });
  }

  /** The far end takes nothing from here on. */
  hold(): void {
    this.#held ??= [];
  }

  /** The far end takes what waits, and what comes. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const take of held) take();
  }

  /** The far end sends. */
  sends(text: string): void {
    this.push(Buffer.from(text, 'latin1'));
  }

  /** The far end has sent everything. */
  ends(): void {
    this.push(null);
    this.read(0);
  }

  /** The far end is gone: a system error as Node.js makes it. */
  breaks(code: string, errno: number, syscall: string): void {
    this.destroy(Object.assign(new Error(code), { code, errno: -errno, syscall }));
  }

  #whenTaking(take: () => void): void {
    if (this.#held === undefined) take();
    else this.#held.push(take);
  }
}

/** The far end as a stream: it reads what is taken from now on, and sends what is written to it. */
export function farEnd(stream: MemoryStream): Duplex {
  const far = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      stream.push(Buffer.from(chunk));
      done();
    },
  });
  stream.onTaken = (chunk) => far.push(Buffer.from(chunk));
  return far;
}

/** Lets everything happen that streams do by themselves. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await setImmediate();
}
