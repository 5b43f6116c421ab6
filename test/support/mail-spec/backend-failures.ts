// A backend that fails in every way during the login: the session ends with the right reply and the right record.
import { base64, saslPlain } from '../bytes.ts';
import { accept } from '../fake-auth.ts';
import { type BackendScript, dialogue, silence } from '../fake-backend.ts';
import type { Block } from './arena.ts';
import type { LoggedCase, Records } from './logged.ts';
import type { Line } from './transcript.ts';
import type { Protocol } from './transport.ts';

type Texts = readonly string[];

/** The dialogues with a backend that lets in, reply by reply, and what is being done when the next is awaited. */
const DIALOGUES: Readonly<Record<string, { texts: Texts; actions: Texts; protocol: Protocol }>> = {
  imap: {
    protocol: 'imap',
    texts: ['* OK hi\r\n', '+ go on\r\n', '+ go on\r\n', '$TAG OK in\r\n'],
    actions: ['connecting', 'sending LOGIN command', 'sending user name', 'sending password'],
  },
  pop3: {
    protocol: 'pop3',
    texts: ['+OK hi\r\n', '+OK\r\n', '+OK in\r\n'],
    actions: ['connecting', 'sending user name', 'sending password'],
  },
  'smtp-auth': {
    protocol: 'smtp',
    texts: ['220 hi\r\n', '250-hi\r\n250 XCLIENT\r\n', '220 hi\r\n', '250 hi\r\n', '235 in\r\n'],
    actions: ['connecting', 'sending HELO/EHLO', 'sending XCLIENT', 'sending client HELO/EHLO', 'sending AUTH'],
  },
  'smtp-none': {
    protocol: 'smtp',
    texts: ['220 hi\r\n', '250 hi\r\n', '250 ok\r\n', '250 ok\r\n'],
    actions: ['connecting', 'sending HELO/EHLO', 'sending MAIL FROM', 'sending RCPT TO'],
  },
};

const INTERNAL: Readonly<Record<Protocol, Line>> = {
  imap: 'S: * BAD internal server error',
  pop3: 'S: -ERR internal server error',
  smtp: 'S: 451 4.3.2 Internal server error',
};

/** A login up to where the proxy has everything, then what it leads to. */
function loginLines(block: string, user: string, ...end: Line[]): readonly Line[] {
  if (block.startsWith('imap')) return [`C: a LOGIN ${user} secret`, ...end];
  if (block.startsWith('pop3')) return [`C: USER ${user}`, 'S: +OK', 'C: PASS secret', ...end];
  if (block.startsWith('smtp-none')) return [`C: MAIL FROM:<${user}>`, 'S: 250 2.0.0 OK', 'C: RCPT TO:<b>', ...end];
  return ['C: HELO c', 'S: 250 mx.example.org', `C: AUTH PLAIN ${saslPlain(user, 'secret')}`, ...end];
}

/** Mail without a login has none to show, and then no backend either. */
function record(block: string, log: Records, text: string): string {
  return block.startsWith('smtp-none') ? log.bare(text) : log.upstream(text);
}

/** A failed login of a block; the block of the quick time limit where the backend is silent. */
function failing(name: string, block: string, backend: BackendScript, text?: string, said?: Line): LoggedCase {
  const protocol = DIALOGUES[block.replace(/-(quick|pass|small)$/, '')]?.protocol ?? 'imap';
  return {
    name: `${block}: ${name}`,
    block,
    backend,
    lines: (user) => loginLines(block, user, said ?? INTERNAL[protocol], '--'),
    records: (log) => (text === undefined ? [] : [record(block, log, text)]),
  };
}

/** Once the proxy has said something: before, it might be in the middle of a send. */
const resetAfterLine: BackendScript = async (peer) => {
  await peer.line();
  peer.reset();
};
const reset: BackendScript = async (peer) => {
  peer.reset();
};
const close: BackendScript = async () => {};
const READING = 'while reading response from upstream';
const TIMED_OUT = '[info] upstream timed out (110: Connection timed out)';
const invalid = (text: string, level = 'error'): string =>
  `[${level}] upstream sent invalid response: "${text}" ${READING}`;

const cases: LoggedCase[] = [];
for (const [block, { texts, actions }] of Object.entries(DIALOGUES)) {
  for (const [step, action] of actions.entries()) {
    const before = texts.slice(0, step);
    const doing = `${action} to upstream`;
    const at = `when ${action}`;
    const resets = step === 0 ? reset : dialogue(before, resetAfterLine);
    cases.push(
      failing(`is silent ${at}`, `${block}-quick`, dialogue(before, silence), `${TIMED_OUT} while ${doing}`),
      failing(
        `says half a reply ${at}`,
        `${block}-quick`,
        dialogue([...before, '+OK 2'], silence),
        `${TIMED_OUT} ${READING}`,
      ),
      failing(`closes ${at}`, block, dialogue(before, close)),
      failing(`says half a reply and closes ${at}`, block, dialogue([...before, '* OK'], close)),
      failing(`resets ${at}`, block, resets, `[error] recv() failed (104: Connection reset by peer) ${READING}`),
      failing(
        `sends too long a line ${at}`,
        `${block}-small`,
        dialogue([...before, '2'.repeat(200)], silence),
        `[error] upstream sent too long response line: "${'2'.repeat(63)}" ${READING}`,
      ),
    );
    if (action === 'sending RCPT TO') continue; // whatever the answer, it goes to the client
    cases.push(
      failing(
        `sends garbage ${at}`,
        block,
        dialogue([...before, '\0garbage\xff\x1b[2J\r\n'], silence),
        invalid('\\x00garbage\xff\\x1B[2J'),
      ),
      failing(`refuses ${at}`, block, dialogue([...before, 'NO\r\nway\r\n'], silence), invalid('NO\\x0D\\x0Away')),
      failing(
        `refuses ${at}, which is passed on`,
        `${block}-pass`,
        dialogue([...before, '-ERR \xff way\r\n'], silence),
        invalid('-ERR \xff way', 'info'),
        'S: -ERR \xff way',
      ),
    );
  }
  cases.push({
    name: `${block}: splits its replies byte by byte`,
    block,
    backend: byteByByte(texts),
    lines: (user) =>
      loginLines(
        block,
        user,
        block.startsWith('smtp-auth') ? 'S: 235 2.0.0 OK' : (`S| ${texts.at(-1)?.replace('$TAG', 'a')}` as const),
        '--',
      ),
    records: (log) => [
      record(block, log, '[info] client logged in'),
      record(block, log, '[info] proxied session done'),
    ],
  });
}

function byteByByte(texts: Texts): BackendScript {
  return async (peer) => {
    let tag: string | undefined;
    for (const [step, text] of texts.entries()) {
      if (step > 0) tag ??= (await peer.line()).split(' ')[0];
      if (step > 1) await peer.line();
      for (const byte of text.replace('$TAG', tag ?? '*')) await peer.send(byte);
    }
  };
}

const login = (user: string, ...end: Line[]): readonly Line[] => loginLines('imap', user, ...end);

const others: readonly LoggedCase[] = [
  {
    name: 'cannot be reached',
    block: 'imap',
    answers: [() => accept({ host: '224.0.0.1', port: 143 })],
    lines: (user) => login(user, INTERNAL.imap, '--'),
    records: (log) => [
      `${log.login('[error] connect() to 224.0.0.1:143 failed (101: Network is unreachable) while connecting to upstream')}, upstream: 224.0.0.1:143`,
    ],
  },
  {
    name: 'would be logged in to by AUTH, where there is no password',
    block: 'smtp-auth',
    lines: (user) => [`C: AUTH EXTERNAL ${base64(user)}`, INTERNAL.smtp, '--'],
    records: (log) => [log.upstream('[error] no password available while sending AUTH to upstream')],
  },
  failing('says PREAUTH', 'imap', dialogue(['* PREAUTH hi\r\n'], silence), invalid('* PREAUTH hi')),
  failing('says ok in lower case', 'pop3', dialogue(['+ok\r\n'], silence), invalid('+ok')),
  failing(
    'has its own tag',
    'imap',
    dialogue(['* OK\r\n', '+ \r\n', '+ \r\n', 'b OK in\r\n'], silence),
    invalid('b OK in'),
  ),
  failing(
    'refuses behind an untagged line',
    'imap',
    dialogue(['* OK\r\n', '+ \r\n', '+ \r\n', '* x\r\n$TAG NO bad stuff\r\n'], silence),
    invalid('NO bad stuff'),
  ),
  failing(
    'refuses behind two untagged lines',
    'imap',
    dialogue(['* OK\r\n', '+ \r\n', '+ \r\n', '* x\r\n* y\r\n$TAG OK in\r\n'], silence),
    invalid('* y\\x0D\\x0Aa OK in'),
  ),
  failing('ends its lines with LF only', 'pop3-quick', dialogue(['+OK hi\n'], silence), `${TIMED_OUT} ${READING}`),
  failing('says too little', 'imap-quick', dialogue(['* OK hi\r\n', '+\r\n'], silence), `${TIMED_OUT} ${READING}`),
  failing(
    'never ends a reply of many lines',
    'smtp-auth-quick',
    dialogue(['220-hi\r\n220-there\r\n'], silence),
    `${TIMED_OUT} ${READING}`,
  ),
];

const blockList = Object.entries(DIALOGUES).flatMap(([name, { protocol }]) => {
  const own: Readonly<Record<string, string>> = {
    'smtp-auth': 'proxy_smtp_auth on; smtp_auth plain external;',
    'smtp-none': 'smtp_auth none; xclient off;',
  };
  const conf = own[name] ?? '';
  return [
    [name, { protocol, conf }],
    [`${name}-quick`, { protocol, conf: `${conf} timeout 2s;` }],
    [`${name}-pass`, { protocol, conf: `${conf} proxy_pass_error_message on;` }],
    [`${name}-small`, { protocol, conf: `${conf} proxy_buffer 64;` }],
  ] as const;
});

export const failureBlocks: Readonly<Record<string, Block>> = Object.fromEntries(blockList);
export const failureCases: readonly LoggedCase[] = [...cases, ...others];
