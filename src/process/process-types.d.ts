// Calls of Node.js that its types leave out.
import 'node:child_process';
import 'node:process';
import type { ServerHandle } from 'node:net';

declare module 'child_process' {
  interface ChildProcess {
    /** What node:cluster sends: a listening socket. */
    send(message: object, handle: ServerHandle, options: object, sent: (error: Error | null) => void): boolean;
  }
}

declare global {
  namespace NodeJS {
    interface Process {
      /** Takes on the groups of a user, and one more. Root only. */
      initgroups?(user: string, extraGroup: number): void;
    }
  }
}
