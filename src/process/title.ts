// What a process is called in lists of processes: its title, as nginx's (ps, pgrep -f), and the short name of its
// program, of 15 bytes, by which pidof, killall and start-stop-daemon find it.
import { openSync, writeSync } from 'node:fs';

const NAME = 'nginx';

export class Title {
  readonly #name = openName();

  /** @param text cut where it is longer than the command line was */
  set(text: string): void {
    process.title = text;
    // Node.js has put the beginning of the title there.
    if (this.#name === undefined) return;
    try {
      writeSync(this.#name, NAME);
    } catch {
      // the title is there
    }
  }
}

/** Kept open, for processes that give up root. */
function openName(): number | undefined {
  try {
    return openSync('/proc/self/comm', 'w');
  } catch {
    return undefined;
  }
}
