// What the command says to who has called it.
import type { ByteString } from '../conf/directive.ts';

export function say(text: ByteString): void {
  process.stderr.write(text, 'latin1');
}

/** A reader of our output may be gone: `postern -T | head -1`. */
export function surviveClosedStreams(): void {
  process.stdout.on('error', () => process.exit(1));
  process.stderr.on('error', () => {});
}
