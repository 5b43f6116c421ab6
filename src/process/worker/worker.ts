// A worker process: takes over what its master has read and bound, gives up root, and serves until it is told to stop.
import { constants, setPriority } from 'node:os';
import type { ByteString } from '../../conf/directive.ts';
import { coreModule } from '../../core/core-module.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { Collection } from '../../core/reclaim.ts';
import { SnapshotEnvironment } from '../../core/snapshot-environment.ts';
import { buildCycle } from '../../module/cycle.ts';
import { modules } from '../../modules.ts';
import { tlsModule } from '../../net/tls/module.ts';
import type { ListenSource } from '../../net/transport.ts';
import { peerZonesModule } from '../../upstream/peer-zones-module.ts';
import { CycleLogs } from '../cycle-logs.ts';
import type { WorkerInit } from '../messages.ts';
import type { Numbers } from '../numbers.ts';
import { reopenLogs } from '../reopen.ts';
import { Serving } from '../serving.ts';
import { signalRecord } from '../signal-names.ts';
import type { ProcessSignal } from '../signals.ts';
import { Title } from '../title.ts';
import { AffinityLink } from './affinity-link.ts';
import { ControlLink } from './control-link.ts';
import type { FairShare } from './fair-share.ts';
import { PeerLink } from './peer-link.ts';
import { SessionLink, type Tell } from './session-link.ts';
import { StatusLink } from './status-link.ts';

/** The master does not start such a worker again. */
const FATAL = 2;
/** The way to the master counts as a connection. */
const CHANNELS = 1;
const HIGHEST = constants.priority.PRIORITY_HIGHEST;
const LOWEST = constants.priority.PRIORITY_LOW;

export class Worker {
  readonly sessions: SessionLink;
  readonly status: StatusLink;
  readonly peers: PeerLink;
  readonly affinity: AffinityLink;
  readonly control: ControlLink;
  /** undefined: there are no other workers. */
  readonly fairShare: FairShare | undefined;
  readonly #init: WorkerInit;
  readonly #tell: Tell;
  readonly #serving: Serving;
  readonly #title = new Title();
  #aborting = false;
  readonly #priority: number;
  readonly #directory: string | undefined;

  constructor(init: WorkerInit, numbers: Numbers, tell: Tell) {
    this.#init = init;
    this.#tell = tell;
    this.status = new StatusLink(tell, init.slot);
    const { snapshot, file, globalDirectives, defaultErrorLog, bodyFolder, version, handleFault } = init;
    const cycle = buildCycle({ modules, env: new SnapshotEnvironment(snapshot), file, globalDirectives });
    cycle.init();
    this.sessions = new SessionLink(cycle.store.get(tlsModule.conf), init.ticketKeys, tell);
    this.affinity = new AffinityLink(tell);
    this.control = new ControlLink(tell);
    this.peers = new PeerLink(cycle.store.get(peerZonesModule.conf), this.affinity, init.bornMs, tell);
    const { workerPriority, workerProcesses, workingDirectory } = cycle.store.get(coreModule.conf);
    this.#priority = workerPriority;
    this.#directory = workingDirectory;
    this.#serving = new Serving(cycle, new CycleLogs(cycle, defaultErrorLog, () => {}), {
      version,
      bodyFolder,
      handleFault,
      nextConnection: () => numbers.next(),
      status: this.status,
      control: this.control,
    });
    if (workerProcesses > 1) {
      this.fairShare = this.#serving.spread((sessions, begun, waits) =>
        tell({ kind: 'load', sessions, begun, waits }, () => {}),
      );
    }
  }

  /**
   * Logs are opened as the master's user, before that is given up.
   * @param sockets by the names of their addresses
   */
  start(sockets: ReadonlyMap<ByteString, ListenSource>): void {
    this.#title.set('nginx: worker process');
    this.#serving.logs.open();
    this.#setPriority();
    this.#becomeUser();
    this.#changeDirectory();
    this.#serving.accept(sockets, CHANNELS);
    this.#tell({ kind: 'ready' }, () => {});
    new Collection().soon(); // of what the start has left: the text of the code, and the files of the configuration
  }

  /** By hand; the master uses messages. */
  receive(signal: ProcessSignal): void {
    const say = (action: string): void => this.#serving.logs.log.write(Level.notice, signalRecord(signal, action));
    switch (signal) {
      case 'SIGTERM':
      case 'SIGINT':
        say(', exiting');
        this.stop();
        return;
      case 'SIGQUIT':
        say(', shutting down');
        this.quit();
        return;
      case 'SIGWINCH':
        // In the foreground it only means that the terminal has another size.
        say(this.#init.isDaemon ? ', shutting down' : '');
        if (!this.#init.isDaemon) return;
        this.#aborting = true;
        this.quit();
        return;
      case 'SIGALRM':
        say('');
        return;
      case 'SIGUSR1':
        say(', reopening logs');
        this.reopen();
        return;
      default:
        say(', ignoring');
    }
  }

  reopen(): void {
    reopenLogs(this.#serving.logs);
  }

  quit(): void {
    this.#title.set('nginx: worker process is shutting down');
    this.#serving.quit(() => this.#end());
  }

  stop(): void {
    this.#serving.stop(() => this.#end());
    process.exit(0);
  }

  /** What is still on its way to clients holds the process up, nothing else. */
  #end(): void {
    if (this.#aborting) this.#serving.logs.fileLog.write(Level.alert, 'aborting');
    this.#serving.logs.fileLog.write(Level.notice, 'exit');
    this.#serving.logs.close();
    this.status.report();
    // Not within a message: Node.js fails there where several of them had waited for this process to listen.
    setImmediate(() => {
      // Not from within a message: more of them may wait.
      setImmediate(() => {
        if (process.connected) process.disconnect();
      });
    });
  }

  #setPriority(): void {
    if (this.#priority === 0) return;
    try {
      // The system takes what is beyond its limits as these; Node.js does not.
      setPriority(Math.min(Math.max(this.#priority, HIGHEST), LOWEST));
    } catch (error) {
      const why = errnoSuffix(systemError(error)?.errno ?? 0);
      this.#serving.logs.log.write(Level.alert, `setpriority(${this.#priority}) failed${why}`);
    }
  }

  /** Where the user may go, not root. */
  #changeDirectory(): void {
    const { log } = this.#serving.logs;
    if (this.#directory === undefined) return;
    try {
      process.chdir(Buffer.from(this.#directory, 'latin1').toString());
    } catch (error) {
      log.write(Level.alert, `chdir("${this.#directory}") failed${errnoSuffix(systemError(error)?.errno ?? 0)}`);
      process.exit(FATAL);
    }
  }

  #becomeUser(): void {
    const { user } = this.#init;
    if (user === undefined) return;
    const steps: readonly (readonly [string, () => void])[] = [
      [`setgid(${user.gid})`, () => process.setgid?.(user.gid)],
      [`initgroups(${user.name}, ${user.gid})`, () => process.initgroups?.(user.name, user.gid)],
      [`setuid(${user.uid})`, () => process.setuid?.(user.uid)],
    ];
    for (const [call, run] of steps) {
      try {
        run();
      } catch (error) {
        this.#serving.logs.log.write(Level.emerg, `${call} failed${errnoSuffix(systemError(error)?.errno ?? 0)}`);
        process.exit(FATAL);
      }
    }
  }
}
