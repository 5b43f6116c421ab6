// SMTP command lines before login (RFC 5321 section 4.1; AUTH: RFC 4954; STARTTLS: RFC 3207).

import { VerbTable } from '../command/verb-table.ts';
import { type WordGrammar, WordParser } from '../command/word-parser.ts';

export const SmtpCommand = {
  helo: 1,
  ehlo: 2,
  quit: 3,
  auth: 4,
  noop: 5,
  mail: 6,
  rset: 7,
  rcpt: 8,
  vrfy: 9,
  expn: 10,
  help: 11,
  starttls: 12,
} as const;
export type SmtpCommand = (typeof SmtpCommand)[keyof typeof SmtpCommand];

const GRAMMAR: WordGrammar<SmtpCommand> = {
  verbs: new VerbTable<SmtpCommand>([
    ['HELO', SmtpCommand.helo],
    ['EHLO', SmtpCommand.ehlo],
    ['QUIT', SmtpCommand.quit],
    ['AUTH', SmtpCommand.auth],
    ['NOOP', SmtpCommand.noop],
    ['MAIL', SmtpCommand.mail],
    ['RSET', SmtpCommand.rset],
    ['RCPT', SmtpCommand.rcpt],
    ['VRFY', SmtpCommand.vrfy],
    ['EXPN', SmtpCommand.expn],
    ['HELP', SmtpCommand.help],
    ['STARTTLS', SmtpCommand.starttls],
  ]),
  maxArgs: 11,
  wholeLine: [],
};

/** At most eleven arguments. `typed()` is what a MAIL or RCPT is remembered as. */
export class SmtpParser extends WordParser<SmtpCommand> {
  constructor() {
    super(GRAMMAR);
  }
}
