// SMTP before the login: commands, EHLO, MAIL and RCPT, limits.
import { type Case, CLOSED, casesOf, headers } from '../case.ts';

const smtp = casesOf('smtp');
const BYE = ['QUIT\r\n', CLOSED] as const;
const NONE = 'smtp_auth plain login none;';
const WAITED = [
  headers('Auth-Status: not you', 'Auth-Wait: 1'),
  headers('Auth-Status: never', 'Auth-Error-Code: 550 5.1.1'),
];

export const smtpCommands: readonly Case[] = [
  smtp('NOOP, RSET, QUIT', ['NOOP\r\n', 'RSET\r\n', 'QUIT\r\n', CLOSED]),
  smtp('commands in any case', ['noop\r\n', 'eHlO x\r\n', 'rset\r\n', 'quit\r\n', CLOSED]),
  smtp('HELO', ['HELO client\r\n', ...BYE]),
  smtp('EHLO', ['EHLO client\r\n', ...BYE]),
  smtp('HELO and EHLO argument counts', ['HELO\r\n', 'HELO a b\r\n', 'EHLO\r\n', 'EHLO a b\r\n', 'EHLO \r\n', ...BYE]),
  smtp('HELO with odd names', ['HELO [127.0.0.1]\r\n', 'EHLO <x>\r\n', 'EHLO \xff\t\r\n', ...BYE]),
  smtp('arguments ignored', ['NOOP 1 2 3\r\n', 'RSET x\r\n', 'QUIT y z\r\n', CLOSED]),
  smtp('eleven arguments', [
    'NOOP 1 2 3 4 5 6 7 8 9 10\r\n',
    'NOOP 1 2 3 4 5 6 7 8 9 10 11\r\n',
    'NOOP 1 2 3 4 5 6 7 8 9 10 11 12\r\n',
    ...BYE,
  ]),
  smtp('VRFY, EXPN, HELP are not counted', ['VRFY x\r\n', 'EXPN x\r\n', 'HELP\r\n', 'VRFY\r\n', ...BYE], {
    conf: 'max_errors 2;',
  }),
  smtp('unknown commands', ['DATA\r\n', 'XCLIENT ADDR=1.2.3.4\r\n', 'LHLO x\r\n', 'BDAT 1\r\n', ...BYE]),
  smtp('words of all lengths', ['A\r\n', 'NOO\r\n', 'NOOPS\r\n', 'STARTTLSX\r\n', ...BYE]),
  smtp('empty line and leading space', ['\r\n', ' NOOP\r\n', ...BYE]),
  smtp('bare LF', ['NOOP\n', 'EHLO x\n', 'QUIT\n', CLOSED]),
  smtp('CR without LF', ['NOOP\rx\r\n', 'EHLO a\rb\r\n', ...BYE]),
  smtp('TAB instead of a space', ['EHLO\tx\r\n', ...BYE]),
  smtp('pipelined', ['EHLO x\r\nNOOP\r\nRSET\r\nQUIT\r\n', CLOSED]),
  smtp('pipelined before the greeting', [{ send: 'EHLO x\r\nNOOP\r\n', replies: 3 }, ...BYE], { greeting: false }),
  smtp('max_errors default', ['X\r\n', 'X\r\n', 'X\r\n', 'X\r\n', 'X\r\n', CLOSED]),
  smtp('max_errors 1', ['DATA\r\n', CLOSED], { conf: 'max_errors 1;' }),
  smtp('a line that fills the buffer', [`EHLO ${'x'.repeat(4089)}\r\n`, ...BYE]),
  smtp('a line too long', [{ send: `EHLO ${'x'.repeat(4091)}`, replies: 1 }, CLOSED], { log: false }),
  smtp('a small buffer overflows', [{ send: `EHLO ${'x'.repeat(59)}`, replies: 1 }, CLOSED], {
    conf: 'smtp_client_buffer 64;',
  }),
  smtp('timeout', ['EHLO x\r\n', CLOSED], { conf: 'timeout 300ms;' }),
  smtp('client leaves', ['EHLO x\r\n', { send: 'MAIL', replies: 0 }]),
  smtp('EHLO with capabilities', ['EHLO x\r\n', ...BYE], {
    conf: 'smtp_capabilities "SIZE 10240000" 8BITMIME; smtp_capabilities DSN;',
  }),
  smtp('EHLO with all methods', ['EHLO x\r\n', ...BYE], { conf: 'smtp_auth external cram-md5 login plain none;' }),
  smtp('EHLO with login alone', ['EHLO x\r\n', ...BYE], { conf: 'smtp_auth login;' }),
  smtp('EHLO with none alone', ['EHLO x\r\n', ...BYE], { conf: 'smtp_auth none;' }),
  smtp('EHLO with none and a capability', ['EHLO x\r\n', ...BYE], {
    conf: 'smtp_auth none; smtp_capabilities PIPELINING;',
  }),
  smtp('EHLO with starttls on', ['EHLO x\r\n', ...BYE], { conf: 'starttls on; smtp_capabilities SIZE;' }),
  smtp('EHLO with starttls on and none alone', ['EHLO x\r\n', ...BYE], { conf: 'starttls on; smtp_auth none;' }),
  smtp('EHLO with starttls only', ['EHLO x\r\n', 'AUTH PLAIN\r\n', 'AUTH\r\n', ...BYE], {
    conf: 'starttls only; smtp_capabilities SIZE;',
  }),
  smtp('greeting names the server', ['HELO x\r\n', 'EHLO x\r\n', ...BYE], { conf: 'server_name smtp.example.org;' }),
  smtp('MAIL without none', ['MAIL FROM:<a@b>\r\n', 'NOOP\r\n', 'MAIL\r\n', 'RCPT TO:<c@d>\r\n', ...BYE]),
  smtp('MAIL and RCPT', ['EHLO c\r\n', 'MAIL FROM:<a@b>\r\n', 'RCPT TO:<c@d>\r\n', 'DATA\r\n', ...BYE], { conf: NONE }),
  smtp('MAIL and RCPT after HELO', ['HELO c\r\n', 'MAIL FROM:<a@b>\r\n', 'RCPT TO:<c@d>\r\n', ...BYE], { conf: NONE }),
  smtp('MAIL and RCPT without HELO', ['MAIL FROM:<a@b>\r\n', 'RCPT TO:<c@d>\r\n', ...BYE], { conf: NONE }),
  smtp('MAIL and RCPT without HELO, no xclient', ['MAIL FROM:<a@b>\r\n', 'RCPT TO:<c@d>\r\n', ...BYE], {
    conf: `${NONE} xclient off;`,
  }),
  smtp('MAIL and RCPT kept as typed', ['mail   From:<a b>   SIZE=1  \r\n', 'Rcpt  TO: x   y  \r\n', ...BYE], {
    conf: NONE,
  }),
  smtp('MAIL without argument', ['MAIL\r\n', 'MAIL \r\n', 'MAIL FROM:<a>\r\n', 'RCPT\r\n', 'RCPT TO:<b>\r\n', ...BYE], {
    conf: NONE,
  }),
  smtp('MAIL twice', ['MAIL FROM:<a>\r\n', 'MAIL FROM:<b>\r\n', 'RCPT TO:<c>\r\n', ...BYE], { conf: NONE }),
  smtp('RCPT without MAIL', ['RCPT TO:<c>\r\n', 'RCPT\r\n', ...BYE], { conf: NONE }),
  smtp(
    'RSET forgets MAIL',
    ['MAIL FROM:<a>\r\n', 'RSET\r\n', 'RCPT TO:<c>\r\n', 'MAIL FROM:<b>\r\n', 'RCPT TO:<c>\r\n', ...BYE],
    { conf: NONE },
  ),
  smtp('HELO forgets MAIL', ['MAIL FROM:<a>\r\n', 'HELO x\r\n', 'RCPT TO:<c>\r\n', ...BYE], { conf: NONE }),
  smtp('a failed HELO forgets nothing', ['EHLO one\r\n', 'MAIL FROM:<a>\r\n', 'HELO\r\n', 'RCPT TO:<c>\r\n', ...BYE], {
    conf: NONE,
  }),
  smtp('EHLO then HELO stays ESMTP', ['EHLO one\r\n', 'HELO two\r\n', 'MAIL FROM:<a>\r\n', 'RCPT TO:<c>\r\n', ...BYE], {
    conf: NONE,
  }),
  smtp('MAIL with ten parameters', ['MAIL FROM:<a> 1 2 3 4 5 6 7 8 9\r\n', 'RCPT TO:<c>\r\n', ...BYE], { conf: NONE }),
  smtp('MAIL pipelined with RCPT and DATA', ['MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n', ...BYE], { conf: NONE }),
  smtp('RCPT refused by the auth server', ['EHLO x\r\n', 'MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n', CLOSED], {
    conf: NONE,
    auth: [headers('Auth-Status: Unknown recipient', 'Auth-Error-Code: 550 5.1.1')],
  }),
  smtp(
    'RCPT refused with a wait, then another',
    ['MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n', 'MAIL FROM:<x>\r\n', 'RCPT TO:<c>\r\n', CLOSED],
    {
      conf: NONE,
      auth: WAITED,
    },
  ),
];
