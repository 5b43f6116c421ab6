// Undocumented parts of Node.js that ways of spreading connections need, as node:cluster does.
import 'node:net';
import 'node:child_process';

declare module 'net' {
  /** The object underneath a net.Socket. */
  interface ConnectionHandle {
    close(): void;
  }

  interface ServerHandle {
    onconnection(error: number, connection: ConnectionHandle): void;
  }

  interface SocketConstructorOpts {
    handle?: ConnectionHandle;
    pauseOnCreate?: boolean;
  }
}

declare module 'child_process' {
  interface ChildProcess {
    send(message: Serializable, handle: import('node:net').ConnectionHandle, sent: () => void): boolean;
  }
}

declare global {
  namespace NodeJS {
    interface Process {
      send?(
        message: object,
        handle: import('node:net').ConnectionHandle,
        options: undefined,
        sent: () => void,
      ): boolean;
    }
  }
}
