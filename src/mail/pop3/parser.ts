// POP3 command lines before login (RFC 1939 section 3; AUTH: RFC 5034; STLS: RFC 2595).

import { VerbTable } from '../command/verb-table.ts';
import { type WordGrammar, WordParser } from '../command/word-parser.ts';

export const Pop3Command = {
  user: 1,
  pass: 2,
  capa: 3,
  quit: 4,
  noop: 5,
  stls: 6,
  apop: 7,
  auth: 8,
} as const;
export type Pop3Command = (typeof Pop3Command)[keyof typeof Pop3Command];

const GRAMMAR: WordGrammar<Pop3Command> = {
  verbs: new VerbTable<Pop3Command>([
    ['USER', Pop3Command.user],
    ['PASS', Pop3Command.pass],
    ['CAPA', Pop3Command.capa],
    ['QUIT', Pop3Command.quit],
    ['NOOP', Pop3Command.noop],
    ['STLS', Pop3Command.stls],
    ['APOP', Pop3Command.apop],
    ['AUTH', Pop3Command.auth],
  ]),
  maxArgs: 3,
  // Names and passwords may hold spaces, and POP3 has no way to quote them.
  wholeLine: [Pop3Command.user, Pop3Command.pass],
};

/** At most three arguments; USER and PASS take the rest of the line as one. */
export class Pop3Parser extends WordParser<Pop3Command> {
  constructor() {
    super(GRAMMAR);
  }
}
