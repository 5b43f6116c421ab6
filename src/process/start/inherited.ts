// Sockets that this process was started with: by an older version (NGINX), or by systemd (LISTEN_FDS, sd_listen_fds(3)).
import { fstatSync } from 'node:fs';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { closeSocket, socketName } from '../../net/listen/socket-name.ts';
import type { Report } from '../cycle-logs.ts';

/** The variable of nginx: descriptors, each followed by a semicolon. */
export const INHERITED = 'NGINX';
const SYSTEMD_FIRST_FD = 3;
const MAX_FD = 65_535;

export const inheritedValue = (fds: readonly number[]): string => fds.map((fd) => `${fd};`).join('');

/** Descriptors by the names of their addresses. Takes the variables out of the environment. */
export function takeInherited(environment: NodeJS.ProcessEnv, report: Report): Map<string, number> {
  const { NGINX, LISTEN_FDS, LISTEN_PID } = environment;
  delete environment.NGINX;
  delete environment.LISTEN_FDS;
  delete environment.LISTEN_PID;
  const fds: number[] = [];
  if (NGINX !== undefined) {
    report(Level.notice, `using inherited sockets from "${NGINX}"`);
    fds.push(...parseNumbers(NGINX, report));
  }
  if (LISTEN_FDS !== undefined && LISTEN_PID === String(process.pid)) {
    report(Level.notice, `using ${LISTEN_FDS} sockets of the service manager`);
    const count = Number(LISTEN_FDS);
    for (let i = 0; i < count && i < MAX_FD; i++) fds.push(SYSTEMD_FIRST_FD + i);
  }
  const sockets = new Map<string, number>();
  for (const fd of fds) {
    const name = socketName(fd);
    if (name === undefined)
      report(Level.crit, `getsockname() of the inherited socket #${fd} failed${errnoSuffix(whyNot(fd))}`);
    else if (sockets.has(name)) closeSocket(fd);
    else sockets.set(name, fd);
  }
  return sockets;
}

const EBADF = 9;
const EINVAL = 22;
const ENOTSOCK = 88;

/** The errno that the system would give for the name of this descriptor. */
function whyNot(fd: number): number {
  try {
    return fstatSync(fd).isSocket() ? EINVAL : ENOTSOCK;
  } catch {
    return EBADF;
  }
}

function parseNumbers(text: string, report: Report): number[] {
  const items = text.split(/[;:]/);
  const rest = items.pop() ?? '';
  if (rest !== '') {
    report(Level.emerg, `invalid socket number "${rest}" in ${INHERITED} environment variable, ignoring`);
  }
  const fds: number[] = [];
  for (const item of items) {
    if (!/^\d{1,5}$/.test(item)) {
      const rule = 'ignoring the rest of the variable';
      report(Level.emerg, `invalid socket number "${item}" in ${INHERITED} environment variable, ${rule}`);
      break;
    }
    fds.push(Number(item));
  }
  return fds;
}
