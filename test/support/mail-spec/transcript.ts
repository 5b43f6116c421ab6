// Sessions written as transcripts: what the client sends and what it must get back, to the byte.
import assert from 'node:assert/strict';
import { show } from '../bytes.ts';
import type { Wire } from '../wire.ts';
import type { Protocol } from './transport.ts';

/**
 * One line of a transcript. `C: ` sends the text with CRLF, `C| ` without; `S: ` awaits the text with CRLF, `S| `
 * without. Client lines in a row go out in one segment. `--` awaits the close, with nothing before it.
 */
export type Line = `C: ${string}` | `C| ${string}` | `S: ${string}` | `S| ${string}` | '--';

/** How each protocol says good-bye, so that a transcript ends with the proof that nothing else was sent. */
const BYE: Readonly<Record<Protocol, readonly Line[]>> = {
  imap: ['C: zz LOGOUT', 'S: * BYE', 'S: zz OK completed', '--'],
  pop3: ['C: QUIT', 'S: +OK', '--'],
  smtp: ['C: QUIT', 'S: 221 2.0.0 Bye', '--'],
};

/** The transcript, ended by a good-bye unless it says itself how it ends. */
export function toTheEnd(protocol: Protocol, lines: readonly Line[]): readonly Line[] {
  return lines.at(-1) === '--' ? lines : [...lines, ...BYE[protocol]];
}

/** Plays a transcript. @param piece send in segments of so many bytes */
export async function play(wire: Wire, lines: readonly Line[], piece?: number): Promise<void> {
  let toSend = '';
  let heard = '';
  const flush = async (): Promise<void> => {
    const bytes = toSend;
    toSend = '';
    const step = piece ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) await wire.send(bytes.slice(at, at + step));
  };
  for (const line of lines) {
    if (line === '--') {
      await flush();
      const rest = await wire.rest();
      assert.equal(show(rest), show(''), `after ${heard}`);
      continue;
    }
    const text = line.slice(3) + (line[1] === ':' ? '\r\n' : '');
    if (line.startsWith('C')) toSend += text;
    else {
      await flush();
      heard = `${line} (of ${JSON.stringify(lines)})`;
      const got = (await wire.bytes(Buffer.byteLength(text, 'latin1')).catch((error) => fail(error, heard))).toString(
        'latin1',
      );
      assert.equal(show(got), show(text), heard);
    }
  }
  await flush();
}

function fail(error: unknown, where: string): never {
  throw new Error(`${error instanceof Error ? error.message : String(error)}, awaiting ${where}`);
}
