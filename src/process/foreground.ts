// One process in the foreground that serves a cycle until a signal ends it; the master and its workers come here.
import type { Server } from 'node:net';
import { constants } from 'node:os';
import type { ByteString } from '../conf/directive.ts';
import { errnoSuffix } from '../core/errno.ts';
import { Level, type Log } from '../core/log.ts';
import type { LogBook } from '../core/log-book.ts';
import type { LogFiles } from '../core/log-files.ts';
import type { MailRuntime } from '../mail/runtime.ts';
import { acceptOn, type BoundSocket } from '../net/bind.ts';
import { removePidFile } from './pid-file.ts';

export interface ForegroundOptions {
  readonly mail: MailRuntime;
  readonly sockets: readonly BoundSocket[];
  readonly log: Log;
  readonly files: LogFiles;
  readonly book: LogBook;
  readonly pidFile: ByteString;
  /** Milliseconds; 0 is without limit. */
  readonly shutdownTimeoutMs: number;
}

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

  constructor(options: ForegroundOptions, done: () => void) {
    this.#options = options;
    this.#done = done;
  }

  start(): void {
    const { sockets, log } = this.#options;
    process.on('SIGTERM', this.#stop);
    process.on('SIGINT', this.#stop);
    process.on('SIGQUIT', this.#quit);
    process.on('SIGUSR1', this.#reopen);
    process.on('SIGHUP', this.#ignore);
    process.on('SIGUSR2', this.#ignore);
    process.on('SIGWINCH', this.#ignore);
    this.#servers = sockets.map((socket) =>
      acceptOn(socket, (error) => log.write(Level.emerg, `${socket.listening.text}: ${error.message}`)),
    );
  }

  readonly #stop = (signal: NodeJS.Signals): void => {
    this.#received(signal, ', exiting');
    this.#close();
    this.#options.mail.terminate();
    this.#end();
    process.exit(0); // connections that are on their way out do not hold a fast stop up
  };

  readonly #quit = (signal: NodeJS.Signals): void => {
    this.#received(signal, ', shutting down');
    if (this.#draining) return;
    this.#draining = true;
    const { log, mail, shutdownTimeoutMs } = this.#options;
    log.write(Level.notice, 'gracefully shutting down');
    this.#close();
    if (shutdownTimeoutMs > 0) this.#limit = setTimeout(() => mail.shutdown(), shutdownTimeoutMs);
    mail.drain(() => this.#end());
  };

  readonly #reopen = (signal: NodeJS.Signals): void => {
    const { log, files } = this.#options;
    this.#received(signal, ', reopening logs');
    log.write(Level.notice, 'reopening logs');
    for (const fault of files.reopenAll()) {
      log.write(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
    }
  };

  readonly #ignore = (signal: NodeJS.Signals): void => this.#received(signal, ', ignoring');

  #received(signal: NodeJS.Signals, action: string): void {
    this.#options.log.write(Level.notice, `signal ${constants.signals[signal]} (${signal}) received${action}`);
  }

  #close(): void {
    for (const server of this.#servers) server.close();
    this.#servers = [];
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#limit);
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
