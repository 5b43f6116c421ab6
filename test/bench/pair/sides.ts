// The two that are compared: with everything that shows and steers, and without; or of another build, and of this one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../../support/target.ts';
import { type Contestant, POSTERN } from '../proxy.ts';

export interface Side {
  readonly title: string;
  readonly contestant: Contestant;
}

export interface Sides {
  readonly base: Side;
  readonly other: Side;
}

const OBSERVED: Contestant = {
  ...POSTERN,
  directives: `
  log_format all '$time_iso8601 $mail_session_id $remote_addr $mail_protocol "$mail_user" $mail_auth_method '
                 '$mail_auth_status $upstream_addr $bytes_received $bytes_sent $session_time $mail_end';
  access_log @DIR@/access.log all buffer=64k flush=1s;
  access_log_event session auth;
  error_log @DIR@/json.log error format=json;`,
  blocks: `http {
  access_log off;
  server {
    listen @http@;
    location /api { api write=on; }
    location = /metrics { prometheus; }
    location = /healthz { healthz; }
    location = /status { stub_status; }
  }
}
`,
};

export const observed = (): Sides => ({
  base: { title: 'off', contestant: POSTERN },
  other: { title: 'on', contestant: OBSERVED },
});

/** @param folder a checkout of Postern that is built @throws where there is none */
export function builds(folder: string): Sides {
  const command = join(folder, 'bin', 'postern.cjs');
  if (!existsSync(command)) throw new Error(`${command} does not exist`);
  const target: Target = { ...POSTERN.target, args: [command] };
  return {
    base: { title: folder, contestant: { ...POSTERN, target } },
    other: { title: 'this build', contestant: POSTERN },
  };
}
