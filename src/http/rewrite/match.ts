// A regular expression of if or rewrite against a text, with the records of rewrite_log.
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import type { HttpRegex } from '../script/script.ts';
import type { Rewriting } from './steps.ts';

/** Leaves the captures with the request: none where it does not match. */
export function matches(regex: HttpRegex, text: ByteString, { request, logs }: Rewriting): boolean {
  const found = regex.match(request, text);
  if (!found) request.captures = [];
  if (logs) {
    const verb = found ? 'matches' : 'does not match';
    request.log.write(Level.notice, `"${regex.source}" ${verb} "${text}"`, request);
  }
  return found;
}
