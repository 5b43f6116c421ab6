// Two servers, left and right, that serve the same cases: per case and side one server block, auth server and backend.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serverCertificate } from '../support/certificate.ts';
import type { Scope } from '../support/cleanup.ts';
import { type FakeAuth, startAuth } from '../support/fake-auth.ts';
import { type FakeBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import type { Target } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import type { Protocol } from './case.ts';

/** What of a case decides its server block. */
export interface Block {
  readonly protocol: Protocol;
  readonly conf?: string;
  readonly listen?: string;
}

/** One block on one side, with everything around it. */
export interface Slot {
  readonly host: string;
  readonly port: number;
  readonly auth: FakeAuth;
  readonly backend: FakeBackend;
  readonly log: LogFile;
}

export interface Pair {
  readonly left: Slot;
  readonly right: Slot;
}

interface Ports {
  readonly listen: number;
  readonly auth: number;
  readonly backend: number;
}

const HOSTS = { left: ownAddress(0), right: ownAddress(1) };

/** A port that is free on both sides. */
export function freeOnBoth(): Promise<number> {
  return freePort(HOSTS.left, HOSTS.right);
}

export interface ArenaOptions {
  readonly left: Target;
  readonly right: Target;
  /** Put into the mail block of the right side only: a difference that has to be found. */
  readonly planted?: string;
}

/** Starts both servers with a pair of slots per block, in the order of the blocks. */
export async function startArena(scope: Scope, blocks: readonly Block[], options: ArenaOptions): Promise<Pair[]> {
  const ports: Ports[] = [];
  for (const _ of blocks)
    ports.push({ listen: await freeOnBoth(), auth: await freeOnBoth(), backend: await freeOnBoth() });
  const dir = temporaryFolder(scope, 'diff');
  const sides = { left: join(dir, 'left'), right: join(dir, 'right') };
  const make = async (side: 'left' | 'right'): Promise<Slot[]> => {
    mkdirSync(join(sides[side], 'logs'), { recursive: true });
    const slots: Slot[] = [];
    for (const [i, p] of ports.entries())
      slots.push(await makeSlot(scope, HOSTS[side], p, join(sides[side], 'logs', `${i}.log`)));
    const planted = side === 'right' ? options.planted : undefined;
    await launch(scope, options[side], configuration(blocks, slots, dir, planted), HOSTS[side]);
    return slots;
  };
  const [left, right] = await Promise.all([make('left'), make('right')]);
  return left.map((slot, i) => ({ left: slot, right: right[i] ?? slot }));
}

async function makeSlot(scope: Scope, host: string, ports: Ports, logPath: string): Promise<Slot> {
  const auth = await startAuth(scope, () => '', { host, port: ports.auth });
  const backend = await startBackend(scope, async () => undefined, { host, port: ports.backend });
  return { host, port: ports.listen, auth, backend, log: new LogFile(logPath) };
}

/** The servers' own logs are left alone: cases that break things on purpose are meant to show there. */
function launch(scope: Scope, target: Target, config: string, host: string): Promise<MailServer> {
  return startServer(scope, { target, config, host, allow: /\[(?:alert|crit|emerg)\]/ });
}

function configuration(blocks: readonly Block[], slots: readonly Slot[], dir: string, planted = ''): string {
  const servers = blocks.map((block, i) => {
    const slot = slots[i];
    return slot === undefined ? '' : serverBlock(block, slot, dir);
  });
  return `events { worker_connections 8192; }
mail {
  ssl_certificate ${serverCertificate.cert};
  ssl_certificate_key ${serverCertificate.key};
  ssl_protocols TLSv1.2; # the defaults of the two differ
  ${planted}
${servers.join('\n')}
}`;
}

function serverBlock(block: Block, slot: Slot, dir: string): string {
  const conf = (block.conf ?? '')
    .replaceAll('$AUTH', `${slot.host}:${slot.auth.port}`)
    .replaceAll('$HOST', slot.host)
    .replaceAll('$DIR', dir);
  const name = /\bserver_name\b/.test(conf) ? '' : 'server_name mx.example.net;';
  return `  server {
    listen ${slot.host}:${slot.port} ${block.listen ?? ''};
    protocol ${block.protocol};
    ${name}
    error_log ${slot.log.path} info;
    auth_http ${slot.host}:${slot.auth.port}/auth;
    ${conf}
  }`;
}
