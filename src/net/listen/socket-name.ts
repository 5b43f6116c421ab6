// The address that a descriptor is bound to.
import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { formatAddress, inetAddress } from '../../core/address.ts';
import { parseIp } from '../../core/ip.ts';

/** As `listen` and the log have it; undefined for what is no listening socket. */
export function socketName(fd: number): string | undefined {
  return inetName(fd) ?? unixName(fd);
}

export function closeSocket(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // it was none
  }
}

/** The handle is only asked: it is never closed, since that would close the descriptor. */
function inetName(fd: number): string | undefined {
  try {
    const handle = net._createServerHandle(null, null, null, fd);
    if (typeof handle === 'number' || handle.getsockname === undefined) return undefined;
    const out: { address?: string; port?: number } = {};
    if (handle.getsockname(out) !== 0 || out.address === undefined || out.port === undefined) return undefined;
    const bytes = parseIp(out.address);
    return bytes === undefined ? undefined : formatAddress(inetAddress(bytes, out.port));
  } catch {
    return undefined;
  }
}

/** Node.js has no call for it; Linux lists inodes and paths. */
function unixName(fd: number): string | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    if (inode === undefined) return undefined;
    const line = new RegExp(`^\\S+ \\S+ \\S+ \\S+ \\S+ \\S+ +${inode} (.+)$`, 'm');
    const path = line.exec(readFileSync('/proc/net/unix', 'latin1'))?.[1];
    return path === undefined ? undefined : `unix:${path}`;
  } catch {
    return undefined;
  }
}
