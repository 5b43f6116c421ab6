// Groups for the key exchange, with the error that OpenSSL gives and Node.js keeps to itself.
import { createSecureContext } from 'node:tls';
import type { NativeSecureContext } from './node-internals.d.ts';

/** Names the first group that the library does not know, in the form of OpenSSL's error queue. */
export class UnknownGroup extends Error {
  constructor(group: string) {
    super(`error:0A080106:SSL routines::passed invalid argument:group '${group}' cannot be set`);
  }
}

/** @throws UnknownGroup, or Error where the list as a whole is refused. */
export function setGroups(native: NativeSecureContext, list: string): void {
  try {
    // Node.js takes "auto" for "leave it", which here only ssl_ecdh_curve may say.
    if (list.split(':').includes('auto')) throw new Error('auto is no group');
    native.setECDHCurve(list);
  } catch (error) {
    const scratch: NativeSecureContext = createSecureContext({
      ca: [],
    }).context;
    for (const group of list.split(':')) {
      try {
        if (group === 'auto') throw new UnknownGroup(group);
        scratch.setECDHCurve(group);
      } catch {
        throw new UnknownGroup(group);
      }
    }
    throw error;
  }
}
