// IMAP before the login: greeting, commands, arguments, line ends, max_errors.
import { type Case, CLOSED, casesOf } from '../case.ts';

const imap = casesOf('imap');
const BYE = ['z LOGOUT\r\n', CLOSED] as const;

export const imapCommands: readonly Case[] = [
  imap('NOOP and LOGOUT', ['a NOOP\r\n', 'b LOGOUT\r\n', CLOSED]),
  imap('NOOP with one to three arguments', ['a NOOP x\r\n', 'a NOOP x y\r\n', 'a NOOP x y z\r\n', ...BYE]),
  imap('NOOP with four arguments', ['a NOOP 1 2 3 4\r\n', 'a NOOP\r\n', ...BYE]),
  imap('commands in any case', ['a nOoP\r\n', 'b capability\r\n', 'c Logout\r\n', CLOSED]),
  imap('CAPABILITY with arguments', ['a CAPABILITY x y\r\n', ...BYE]),
  imap('LOGOUT with arguments', ['a LOGOUT x y z\r\n', CLOSED]),
  imap('LOGOUT with four arguments', ['a LOGOUT 1 2 3 4\r\n', ...BYE]),
  imap('unknown command', ['a SELECT inbox\r\n', 'b NOOP\r\n', ...BYE]),
  imap('commands one letter off', ['a NOO\r\n', 'a NOOPS\r\n', 'a LOGI\r\n', ...BYE]),
  imap('long unknown command', ['a AUTHENTICATEX PLAIN\r\n', 'a CAPABILITIES\r\n', ...BYE]),
  imap('command with a digit', ['a NO0P\r\n', ...BYE]),
  imap('empty line', ['\r\n', ...BYE]),
  imap('two empty lines with bare LF', ['\n', '\n', ...BYE]),
  imap('tag alone', ['a\r\n', ...BYE]),
  imap('tag and a space', ['a \r\n', ...BYE]),
  imap('several spaces everywhere', ['a   NOOP   x   \r\n', ...BYE]),
  imap('leading space: an empty tag', [' NOOP\r\n', ...BYE]),
  imap('tag with all kinds of characters', ['A1-._z NOOP\r\n', ...BYE]),
  imap('tag with a star', ['* NOOP\r\n', ...BYE]),
  imap('tag with a plus', ['+ NOOP\r\n', ...BYE]),
  imap('tag with 8-bit bytes', ['t\xe4g NOOP\r\n', ...BYE]),
  imap('tag of 32 characters', [`${'t'.repeat(32)} NOOP\r\n`, ...BYE]),
  imap('tag of 33 characters', [`${'t'.repeat(33)} NOOP\r\n`, ...BYE]),
  imap('bare LF ends a command', ['a NOOP\n', 'b LOGOUT\n', CLOSED]),
  imap('CR without LF in a command', ['a NOOP\rx\r\n', 'a NOOP\r\r\n', ...BYE]),
  imap('CR without LF behind an argument', ['a NOOP x\ry\r\n', ...BYE]),
  imap('TAB behind the tag', ['a\tNOOP\r\n', ...BYE]),
  imap('TAB inside the word', ['a NOOP\tx\r\n', ...BYE]),
  imap('TAB and NUL inside an argument', ['a NOOP x\ty\0z\r\n', ...BYE]),
  imap('8-bit bytes in arguments', ['a NOOP \xff\xfe\x80\r\n', ...BYE]),
  imap('NUL in the word', ['a NO\0P\r\n', ...BYE]),
  imap('trailing spaces', ['a NOOP     \r\n', ...BYE]),
  imap('pipelined NOOPs', ['a NOOP\r\nb NOOP\r\nc NOOP\r\nd CAPABILITY\r\ne LOGOUT\r\n', CLOSED]),
  imap('pipelined good and bad', ['a NOOP\r\nb FOO\r\nc NOOP\r\n\r\nd LOGOUT\r\n', CLOSED]),
  imap('commands behind LOGOUT are not read', [{ send: 'a LOGOUT\r\n', replies: 1 }, CLOSED]),
  imap('client leaves at once', []),
  imap('client leaves in the middle of a command', [{ send: 'a NO', replies: 0 }]),
  imap('client resets', ['a NOOP\r\n', { end: 'reset' }]),
  imap('max_errors default', ['a X\r\n', 'a X\r\n', 'a X\r\n', 'a X\r\n', 'a X\r\n', CLOSED]),
  imap('max_errors 1', ['a X\r\n', CLOSED], { conf: 'max_errors 1;' }),
  imap('max_errors 2 counts empty lines', ['\r\n', 'b NOOP\r\n', '\r\n', CLOSED], { conf: 'max_errors 2;' }),
  imap('max_errors does not count wrong states', ['a LOGIN x\r\n', 'a STARTTLS\r\n', 'a LOGIN\r\n', ...BYE], {
    conf: 'max_errors 2;',
  }),
  imap('max_errors counts too many arguments', ['a NOOP 1 2 3 4\r\n', 'a LOGIN 1 2 3 4\r\n', CLOSED], {
    conf: 'max_errors 2;',
  }),
  imap(
    'max_errors is not reset by good commands',
    ['a X\r\n', 'a NOOP\r\n', 'a X\r\n', 'a NOOP\r\n', 'a X\r\n', CLOSED],
    {
      conf: 'max_errors 3;',
    },
  ),
  imap('a command line that fills the buffer', [`a NOOP ${'x'.repeat(4087)}\r\n`, ...BYE]),
  imap('a command one byte too long', [{ send: `a NOOP ${'x'.repeat(4089)}`, replies: 1 }, CLOSED], { log: false }),
  imap('too long before the tag ends', [{ send: '-'.repeat(32), replies: 0 }], { conf: 'imap_client_buffer 32;' }),
  imap('too long in a small buffer', [{ send: `a NOOP ${'x'.repeat(121)}`, replies: 1 }, CLOSED], {
    conf: 'imap_client_buffer 128;',
  }),
  imap('fits in a small buffer', [`a NOOP ${'x'.repeat(119)}\r\n`, ...BYE], { conf: 'imap_client_buffer 128;' }),
  imap(
    'pipelined commands share the buffer',
    [{ send: `${'a NOOP\r\n'.repeat(7)}a NOOP x`, replies: 8, whole: true }, CLOSED],
    {
      conf: 'imap_client_buffer 64;',
    },
  ),
  imap('an invalid line longer than the buffer', [{ send: `a X${'y'.repeat(61)}`, replies: 1 }, CLOSED], {
    conf: 'imap_client_buffer 64;',
  }),
  imap('timeout before the login', [CLOSED], { conf: 'timeout 300ms;' }),
  imap('timeout is not restarted by commands', ['a NOOP\r\n', 'b NOOP\r\n', CLOSED], { conf: 'timeout 500ms;' }),
];
