// Whether this process will have workers: a guess, before the configuration is read, from the words that decide it.
import { readFileSync, statSync } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { DAEMON } from './background.ts';
import { INHERITED } from './inherited.ts';

/** Whoever writes longer ones can wait. */
const MAX_BYTES = 1 << 20;
const ALONE = /\bmaster_process\s+off\b/;
const STAYS = /\bdaemon\s+off\b/;

/**
 * A wrong one costs the time of a process, nothing else.
 * @param file the main one @param globalDirectives the text of -g
 */
export function guessesWorkers(file: ByteString, globalDirectives: ByteString): boolean {
  const { [DAEMON]: daemon, [INHERITED]: inherited, LISTEN_FDS: given } = process.env;
  const stays = daemon !== undefined || inherited !== undefined || given !== undefined;
  const text = globalDirectives + textOf(file);
  return !ALONE.test(text) && (stays || STAYS.test(text));
}

function textOf(file: ByteString): ByteString {
  try {
    const path = Buffer.from(file, 'latin1');
    const stats = statSync(path); // what is no file would wait, or be read away
    return stats.isFile() && stats.size < MAX_BYTES ? readFileSync(path, 'latin1') : '';
  } catch {
    return '';
  }
}
