// A search of a regular expression that takes too long.
import { Level } from '../core/log.ts';

export class MatchFault extends Error {
  /** Of the text in the log. */
  readonly level = Level.alert;
}
