// A process without a master (master_process off): owns its sockets and serves, until a signal ends it.
import { Level } from '../../core/log.ts';
import type { ListenerTable } from '../master/listener-table.ts';
import type { PidFile } from '../pid-file.ts';
import { reopenLogs } from '../reopen.ts';
import type { Serving } from '../serving.ts';
import { signalRecord } from '../signal-names.ts';
import type { ProcessSignal, Signals } from '../signals.ts';

export interface ForegroundOptions {
  readonly signals: Signals;
  readonly pidFile: PidFile;
  readonly listeners: ListenerTable;
  readonly serving: Serving;
}

/** Serves until TERM, INT or QUIT; resolves when everything is closed. */
export function serveInForeground({ signals, pidFile, listeners, serving }: ForegroundOptions): Promise<void> {
  const { log, fileLog } = serving.logs;
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, MAX_TIMER_MS); // a configuration may have no sockets at all
    const end = (): void => {
      clearInterval(alive);
      const fault = pidFile.remove();
      if (fault !== undefined) log.write(Level.alert, fault);
      fileLog.write(Level.notice, 'exit');
      serving.logs.close();
      resolve();
    };
    const receive = (signal: ProcessSignal): void => {
      const say = (action: string): void => log.write(Level.notice, signalRecord(signal, action));
      switch (signal) {
        case 'SIGTERM':
        case 'SIGINT':
          say(', exiting');
          listeners.closeAll(true);
          serving.stop(end);
          process.exit(0); // connections that are on their way out do not hold a fast stop up
          return;
        case 'SIGQUIT':
          say(', shutting down');
          listeners.closeAll(true);
          serving.quit(end);
          return;
        case 'SIGUSR1':
          say(', reopening logs');
          reopenLogs(serving.logs);
          return;
        case 'SIGALRM':
        case 'SIGIO':
          say('');
          return;
        default:
          say(', ignoring');
      }
    };
    signals.serve(receive);
  });
}

const MAX_TIMER_MS = 2 ** 31 - 1;
