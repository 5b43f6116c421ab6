// A random case: turns of commands, what the auth server says, what the backend does.
import type { AuthStep, Backend, Case, Protocol } from '../case.ts';
import { headers, ok, raw } from '../case.ts';
import type { Random } from '../seeded.ts';
import type { RandomBlock } from './blocks.ts';
import { command, goodbye } from './grammar.ts';
import { mutate } from './mutate.ts';

/** How long nothing has to happen before the next turn, in milliseconds. */
const QUIET_MS = 80;
const QUIET_WAIT_MS = 1400;

export function randomCase(name: string, block: RandomBlock, random: Random): Case {
  const turns: string[] = [];
  for (let i = 1 + random.below(5); i > 0; i--) turns.push(turn(block.protocol, random));
  if (random.chance(0.7)) turns.push(goodbye(block.protocol));
  const auth = answers(random);
  const waits = auth.some((step) => 'headers' in step && step.headers.some((h) => h.startsWith('Auth-Wait')));
  const backend = random.chance(0.75) ? undefined : scripted(block.protocol, random);
  return {
    name,
    protocol: block.protocol,
    conf: block.conf,
    steps: turns.filter((text) => text !== ''),
    auth,
    ...(backend === undefined ? {} : { backend }),
    quietMs: waits ? QUIET_WAIT_MS : QUIET_MS,
  };
}

function turn(protocol: Protocol, random: Random): string {
  let text = '';
  for (let i = 1 + random.below(3); i > 0; i--) {
    const line = command(protocol, random);
    text += random.chance(0.3) ? mutate(line, random) : line;
  }
  return text;
}

function answers(random: Random): AuthStep[] {
  const dice = random.next();
  if (dice < 0.6) return [ok()];
  if (dice < 0.7)
    return [ok(`Auth-User: ${random.pick(['other', '', 'o p'])}`, `Auth-Pass: ${random.pick(['secret', '', 's t'])}`)];
  if (dice < 0.8) return [headers('Auth-Status: refused', `Auth-Error-Code: ${random.pick(['550', '454 4.7.0', ''])}`)];
  if (dice < 0.85) return [headers('Auth-Status: wait', 'Auth-Wait: 1'), ok('Auth-Pass: x')];
  return [
    random.pick([
      headers('Auth-Status: OK'),
      headers('Auth-Status: OK', 'Auth-Server: x', 'Auth-Port: 1'),
      headers('Auth-Status: OK', 'Auth-Server: $HOST', 'Auth-Port: 0'),
      ok('Bad Header'),
      raw('\0\r\n\r\n'),
      raw('', 'close'),
      raw('', 'reset'),
    ]),
  ];
}

function scripted(protocol: Protocol, random: Random): Backend {
  const good = {
    imap: ['* OK\t\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG OK in\r\n'],
    pop3: ['+OK\r\n', '+OK\r\n', '+OK in\r\n'],
    smtp: SMTP,
  };
  const bad = {
    imap: ['$TAG NO no\r\n', '$TAG BAD\r\n', 'OK no\r\n'],
    pop3: ['-ERR no\r\n', '+ \r\n'],
    smtp: ['554 no\r\n', '421-a\r\n421 b\r\n'],
  };
  const texts: (string | null)[] = [...good[protocol]];
  const at = random.below(texts.length);
  texts[at] = random.chance(0.2) ? null : random.pick(bad[protocol]);
  return {
    texts: texts.slice(0, at + 1),
    after: 'silence',
    ...(random.chance(0.5) ? { piece: 1 + random.below(6) } : {}),
  };
}

const SMTP: readonly string[] = ['220 hi\r\n', '250-a\r\n250 b\r\n', '250 ok\r\n', '250 ok\r\n', '250 ok\r\n'];
