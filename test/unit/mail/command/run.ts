// A command loop over a stream in memory, and where it hands over.
import type { BufferPool } from '../../../../src/mail/command/buffer-pool.ts';
import { CommandLoop } from '../../../../src/mail/command/loop.ts';
import type { MailServer } from '../../../../src/mail/server.ts';
import { MemoryStream } from '../../net/memory-stream.ts';
import { type Stage, serverFrom, stage } from '../doubles.ts';

const PLAIN = 'auth_http 127.0.0.1:9; max_errors 3;';
const CAPS = 'imap_capabilities X; imap_client_buffer 64; smtp_client_buffer 64; pop3_capabilities X;';
const server = (port: number): MailServer => serverFrom(`${PLAIN} ${CAPS} server { listen 127.0.0.1:${port}; }`);
export const SERVERS = { imap: server(143), pop3: server(110), smtp: server(25) };
export type Name = keyof typeof SERVERS;

export interface Running extends Stage {
  readonly loop: CommandLoop;
  /** Where the loop handed over, and with what. */
  readonly events: string[];
  readonly pool: BufferPool;
}

export function run(name: Name, stream = new MemoryStream(), offersTls = false, limits = {}): Running {
  const { store, core, pool } = SERVERS[name];
  const on = stage({ store, starttls: offersTls ? 'on' : 'off' }, stream);
  const events: string[] = [];
  const loop = new CommandLoop(
    on.session,
    name,
    core.protocol.open(on.session),
    pool,
    { ...core, ...limits },
    {
      authenticate: () => {
        const { user, pass } = on.session.credentials ?? {};
        events.push(`auth ${user} ${pass}`);
      },
      startTls: (reply) => events.push(`tls ${reply}`),
      finish: (line) => events.push(`finish ${line}`),
      lost: (error) => events.push(`lost ${error?.message ?? ''}`.trim()),
      timedOut: () => events.push('timeout'),
    },
  );
  loop.enter();
  return { ...on, loop, events, pool };
}
