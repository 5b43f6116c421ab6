// One process in the foreground that serves a cycle until a signal ends it; the master and its workers come here.
import { unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { constants } from 'node:os';
import type { ByteString } from '../conf/directive.ts';
import { errnoSuffix, systemError } from '../core/errno.ts';
import { Level, type Log } from '../core/log.ts';
import type { LogBook } from '../core/log-book.ts';
import type { LogFiles } from '../core/log-files.ts';
import type { MailRuntime } from '../mail/runtime.ts';
import { acceptOn, type BoundSocket } from '../net/bind.ts';
import { socketPath } from '../net/socket-path.ts';
import { removePidFile } from './pid-file.ts';
import type { ProcessSignal, Signals } from './signals.ts';

export interface ForegroundOptions {
  readonly signals: Signals;
  readonly mail: MailRuntime;
  readonly sockets: readonly BoundSocket[];
  readonly log: Log;
  readonly files: LogFiles;
  readonly book: LogBook;
  readonly pidFile: ByteString;
  /** Milliseconds; 0 is without limit. */
  readonly shutdownTimeoutMs: number;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Serves until TERM, INT or QUIT; resolves when everything is closed. */
export function serve(options: ForegroundOptions): Promise<void> {
  return new Promise((resolve) => {
    new Foreground(options, resolve).start();
  });
}

class Foreground {
  readonly #options: ForegroundOptions;
  readonly #done: () => void;
  #servers: Server[] = [];
  #draining = false;
  #ended = false;
  #limit: NodeJS.Timeout | undefined;
  #alive: NodeJS.Timeout | undefined;

  constructor(options: ForegroundOptions, done: () => void) {
    this.#options = options;
    this.#done = done;
  }

  start(): void {
    const { sockets, log } = this.#options;
    this.#alive = setInterval(() => {}, MAX_TIMER_MS); // a configuration may have no sockets at all
    this.#servers = sockets.map((socket) =>
      acceptOn(socket, (error) => log.write(Level.crit, acceptFailure(error, socket.listening.text))),
    );
    this.#options.signals.serve((signal) => this.#receive(signal));
  }

  #receive(signal: ProcessSignal): void {
    switch (signal) {
      case 'SIGTERM':
      case 'SIGINT':
        this.#stop(signal);
        return;
      case 'SIGQUIT':
        this.#quit(signal);
        return;
      case 'SIGUSR1':
        this.#reopen(signal);
        return;
      default:
        this.#received(signal, ', ignoring');
    }
  }

  #stop(signal: ProcessSignal): void {
    this.#received(signal, ', exiting');
    this.#close();
    this.#options.mail.terminate();
    this.#end();
    process.exit(0); // connections that are on their way out do not hold a fast stop up
  }

  #quit(signal: ProcessSignal): void {
    this.#received(signal, ', shutting down');
    if (this.#draining) return;
    this.#draining = true;
    const { log, mail, shutdownTimeoutMs } = this.#options;
    log.write(Level.notice, 'gracefully shutting down');
    this.#close();
    if (shutdownTimeoutMs > 0) this.#limit = setTimeout(() => mail.shutdown(), shutdownTimeoutMs);
    mail.drain(() => this.#end());
  }

  #reopen(signal: ProcessSignal): void {
    const { log, files } = this.#options;
    this.#received(signal, ', reopening logs');
    log.write(Level.notice, 'reopening logs');
    for (const fault of files.reopenAll()) {
      log.write(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
    }
  }

  #received(signal: ProcessSignal, action: string): void {
    this.#options.log.write(Level.notice, `signal ${constants.signals[signal]} (${signal}) received${action}`);
  }

  #close(): void {
    for (const server of this.#servers) server.close();
    this.#servers = [];
    for (const { listening } of this.#options.sockets) {
      if (listening.address.kind === 'unix') removeSocket(listening.address.path);
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#limit);
    clearInterval(this.#alive);
    const { log, mail, files, book, pidFile } = this.#options;
    log.write(Level.notice, 'exiting');
    mail.terminate();
    const fault = removePidFile(pidFile);
    if (fault !== undefined) log.write(Level.alert, fault);
    log.write(Level.notice, 'exit');
    book.close();
    files.closeAll();
    this.#done();
  }
}

function acceptFailure(error: Error, listening: ByteString): string {
  const system = systemError(error);
  const why = system === undefined ? `: ${error.message}` : ` failed${errnoSuffix(system.errno)}`;
  const call = system?.syscall === 'listen' ? 'listen()' : 'accept4()';
  return `${call}${why} while accepting new connection on ${listening}`;
}

/** The closed handle removes its file too late for a process that ends at once. */
function removeSocket(path: ByteString): void {
  try {
    unlinkSync(socketPath(path));
  } catch {
    // somebody else was faster
  }
}
