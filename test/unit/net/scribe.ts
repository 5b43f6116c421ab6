// A connection over a stream in memory whose handler writes down what it is told.
import type { TestContext } from 'node:test';
import type { ConnHandler } from '../../../src/net/connection.ts';
import { StreamConnection } from '../../../src/net/stream-connection.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryStream } from './memory-stream.ts';

/** Writes down what it is told, with a name before it. */
export function scribe(name: string, notes: string[]): ConnHandler {
  const note = (text: string): void => {
    notes.push(`${name} ${text}`);
  };
  return {
    onData: (chunk) => note(chunk.toString('latin1')),
    onDrain: () => note('drain'),
    onEof: () => note('eof'),
    onTimeout: () => note('timeout'),
    onClose: (error) => note(`close ${error?.message ?? ''}`.trim()),
  };
}

export interface Made {
  readonly stream: MemoryStream;
  readonly conn: StreamConnection;
  readonly notes: string[];
}

export function make(highWaterMark?: number): Made {
  const notes: string[] = [];
  const stream = new MemoryStream(highWaterMark);
  return { stream, conn: new StreamConnection(stream, scribe('a', notes)), notes };
}

export function timed(t: TestContext): Made & { readonly clock: FakeClock } {
  const clock = new FakeClock(t);
  return { clock, ...make() };
}
