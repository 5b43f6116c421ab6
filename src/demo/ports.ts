// The ports of the demo: their defaults, the options that change them, and the configuration made with them.
import { parseArgs } from 'node:util';

/** Everything that listens, all on 127.0.0.1. The first three are Postern's own. */
const DEFAULTS = {
  imap: 10143,
  pop3: 10110,
  smtp: 10025,
  auth: 10180,
  'imap-backend': 11143,
  'pop3-backend': 11110,
  'smtp-backend': 11025,
} as const;

export type PortName = keyof typeof DEFAULTS;
export type Ports = Readonly<Record<PortName, number>>;

export const PROXY_PORTS = ['imap', 'pop3', 'smtp'] as const;

/** How a port is named to the user, and which option changes it. */
export const LABELS: Readonly<Record<PortName, string>> = {
  imap: 'IMAP',
  pop3: 'POP3',
  smtp: 'SMTP',
  auth: 'demo auth service',
  'imap-backend': 'demo IMAP backend',
  'pop3-backend': 'demo POP3 backend',
  'smtp-backend': 'demo SMTP backend',
};

const NAMES: readonly PortName[] = ['imap', 'pop3', 'smtp', 'auth', 'imap-backend', 'pop3-backend', 'smtp-backend'];

const USAGE = `usage: npm start -- [${NAMES.map((name) => `--${name} PORT`).join('] [')}]`;

/** What the user can put right: an option that is not known, a port that is none or that is taken. */
export class UsageError extends Error {}

/**
 * Reads `--NAME PORT`, NAME being one of these; 0 for what is not Postern's means a free port.
 * @throws UsageError
 */
export function parsePorts(args: readonly string[]): Ports {
  const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseArgs({
      args: [...args],
      options,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : 'bad options'}\n${USAGE}`);
  }
  const port = (name: PortName): number => {
    const text = values[name];
    if (text === undefined) return DEFAULTS[name];
    const value = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    const least = name === 'imap' || name === 'pop3' || name === 'smtp' ? 1 : 0;
    if (!(value >= least && value <= 65_535)) throw new UsageError(`--${name} takes a port, not "${text}"\n${USAGE}`);
    return value;
  };
  return {
    imap: port('imap'),
    pop3: port('pop3'),
    smtp: port('smtp'),
    auth: port('auth'),
    'imap-backend': port('imap-backend'),
    'pop3-backend': port('pop3-backend'),
    'smtp-backend': port('smtp-backend'),
  };
}

/** The text of conf/demo.conf with other ports in place of the default ones. */
export function withPorts(conf: string, ports: Pick<Ports, 'auth' | (typeof PROXY_PORTS)[number]>): string {
  const names = ['auth', ...PROXY_PORTS] as const;
  const changes = new Map(names.map((name) => [String(DEFAULTS[name]), String(ports[name])]));
  return conf.replace(/\b127\.0\.0\.1:(\d+)\b/g, (all, port: string) => all.replace(port, changes.get(port) ?? port));
}
