// What is measured of two ways to run Postern: logins, what is relayed, commands.
import type { Bench } from '../bench.ts';
import type { Door, MailProxy } from '../proxy.ts';
import { numberOf, slice } from '../rounds.ts';
import type { Unit } from '../rows.ts';
import type { Arguments, Found } from '../tool.ts';

export interface Work {
  readonly name: string;
  readonly unit: Unit;
  readonly door: (proxy: MailProxy) => Door;
  readonly args: Arguments;
  /** How many there were of what a figure is for. */
  readonly count: (found: Found) => number;
}

const LOGINS = { mode: 'login', count: 1500 };
const MIB = 1024 * 1024;
const CLIENTS = 16;
const COMMANDS = 1000;

const logins = (name: string, door: Work['door'], abreast: number): Work => ({
  name,
  unit: 'µs CPU',
  door,
  args: { ...LOGINS, abreast },
  count: (found) => numberOf(found, 'good') / 1000,
});

const relay = (name: string, mode: string, door: Work['door']): Work => ({
  name,
  unit: 'CPU s/GiB',
  door,
  args: { mode, clients: CLIENTS, bytes: 6 * MIB, abreast: CLIENTS },
  count: () => (1000 * CLIENTS * 6) / 1024,
});

export const WORKS: readonly Work[] = [
  logins('Login, IMAP', (proxy) => proxy.door('imap'), 32),
  logins('Login, POP3', (proxy) => proxy.door('pop3'), 32),
  logins('Login, SMTP', (proxy) => proxy.door('smtp'), 32),
  logins('Login, IMAP over TLS', (proxy) => proxy.door('ec', '1.3'), 64),
  relay('Relay down, 16 clients', 'down', (proxy) => proxy.door('imap')),
  relay('Relay up, 16 clients', 'up', (proxy) => proxy.door('imap')),
  relay('Relay down, 16 clients, TLS', 'down', (proxy) => proxy.door('ec', '1.3')),
  {
    name: 'Command and reply',
    unit: 'µs CPU',
    door: (proxy) => proxy.door('imap'),
    args: { mode: 'ping', clients: 8, count: COMMANDS, abreast: 8 },
    count: () => (8 * COMMANDS) / 1000,
  },
];

/** In the unit of the work. */
export async function cost(bench: Bench, proxy: MailProxy, { door, args, count }: Work): Promise<number> {
  const { cpuMs, found } = await slice(bench, proxy, door(proxy), args);
  return cpuMs / count(found);
}
