// max_commands: the last command that is carried out, and the one that ends the session.
import { accept, refuse } from '../fake-auth.ts';
import type { Block } from './arena.ts';
import { casesOf, type SpecCase } from './case.ts';

export const MAX_COMMANDS_BLOCKS: Readonly<Record<string, Block>> = {
  'imap-few': { protocol: 'imap', conf: 'max_commands 3;' },
  'pop3-few': { protocol: 'pop3', conf: 'max_commands 3;' },
  'smtp-few': { protocol: 'smtp', conf: 'max_commands 3;' },
};

const imap = casesOf('imap');
const pop3 = casesOf('pop3');
const smtp = casesOf('smtp');

export const maxCommands: readonly SpecCase[] = [
  imap(
    'max_commands, pipelined: nothing behind the last command is carried out',
    [
      'C: a NOOP',
      'C: b NOOP',
      'C: c NOOP',
      'C: d NOOP',
      'C: e NOOP',
      'S: a OK completed',
      'S: b OK completed',
      'S: c OK completed',
      'S: d BAD invalid command',
      '--',
    ],
    { block: 'imap-few' },
  ),
  pop3(
    'max_commands, one by one',
    [
      'C: NOOP',
      'S: +OK',
      'C: bad',
      'S: -ERR invalid command',
      'C: NOOP',
      'S: +OK',
      'C: QUIT',
      'S: -ERR invalid command',
      '--',
    ],
    { block: 'pop3-few' },
  ),
  smtp(
    'max_commands counts no answers within SASL',
    [
      'C: AUTH LOGIN',
      'S: 334 VXNlcm5hbWU6',
      'C: eA==',
      'S: 334 UGFzc3dvcmQ6',
      'C: *',
      'S: 500 5.5.1 Invalid command',
      'C: RSET',
      'S: 250 2.0.0 OK',
      'C: RSET',
      'S: 250 2.0.0 OK',
      'C: RSET',
      'S: 500 5.5.1 Invalid command',
      '--',
    ],
    { block: 'smtp-few' },
  ),
  imap(
    'max_commands goes on behind a refused login, and ends with one that works',
    ({ user }) => ({
      lines: [
        'C: a NOOP',
        'S: a OK completed',
        `C: b LOGIN ${user} x`,
        'S: b NO no',
        `C: c LOGIN ${user} y`,
        'S: c OK logged in',
        'C: d NOOP',
        'S: +OK 250 [d NOOP]',
        'C: e LOGOUT',
        'S: +OK 250 [e LOGOUT]',
        '--',
      ],
      asks: [
        { method: 'plain', user, pass: 'x' },
        { method: 'plain', user, pass: 'y', attempt: 2 },
      ],
      sees: `c LOGIN {${user.length}}\r\n${user} {1}\r\ny\r\nd NOOP\r\ne LOGOUT\r\n`,
    }),
    { block: 'imap-few', answers: [() => refuse('no', 'Auth-Wait: 1'), accept] },
  ),
];
