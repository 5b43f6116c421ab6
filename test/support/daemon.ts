// The command as an administrator starts it, in the background, in a folder of its own: an IMAP and a unix listener.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cleanup, type Scope } from './cleanup.ts';
import { LogFile } from './log-file.ts';
import { CommandFolder, type Outcome } from './mail-spec/command.ts';
import { said, workersIn } from './master.ts';
import { freePort, ownAddress } from './ports.ts';
import { isRunning, leavesNothing, processesOf, stopByPidFile } from './processes.ts';
import { connect, type Wire } from './wire.ts';

export const GREETING = '* OK IMAP4 ready\r\n';

export class Daemon {
  readonly scope: Cleanup;
  readonly folder: CommandFolder;
  readonly host: string;
  readonly port: number;

  private constructor(scope: Cleanup, folder: CommandFolder, host: string, port: number) {
    this.scope = scope;
    this.folder = folder;
    this.host = host;
    this.port = port;
  }

  /** Writes the configuration. @param main directives before its blocks; `# here` among them stands for nothing */
  static async prepare(parent: Scope, main = ''): Promise<Daemon> {
    const scope = new Cleanup();
    parent.after(() => scope.run());
    const host = ownAddress();
    const port = await freePort(host);
    const folder = new CommandFolder(scope, {
      'conf/nginx.conf': `error_log logs/error.log info; ${main} # here
events {}
mail {
  auth_http 127.0.0.1:9; imap_capabilities ONE;
  server { listen ${host}:${port}; protocol imap; }
  server { listen unix:$DIR/imap.sock; protocol imap; }
}
`,
    });
    const daemon = new Daemon(scope, folder, host, port);
    leavesNothing(scope, folder.dir);
    scope.after(async () => {
      for (const name of ['nginx.pid.oldbin', 'nginx.pid']) await stopByPidFile(daemon.path(`logs/${name}`));
    });
    return daemon;
  }

  /** The same, and starts it; it has to come up. */
  static async start(parent: Scope, main = ''): Promise<Daemon> {
    const daemon = await Daemon.prepare(parent, main);
    assert.deepEqual(await daemon.command(), { code: 0, stdout: '', stderr: '' });
    return daemon;
  }

  /** Runs the command on the folder, until it and whoever has its output is gone. */
  command(...args: readonly string[]): Promise<Outcome> {
    return this.folder.run('-p', '$DIR', ...args);
  }

  path(name: string): string {
    return join(this.folder.dir, name);
  }

  file(name: string): LogFile {
    return new LogFile(this.path(name));
  }

  get log(): LogFile {
    return this.file('logs/error.log');
  }

  /** The master that the pid file names. */
  get pid(): number {
    return Number(this.file('logs/nginx.pid').text());
  }

  /** Workers of all masters that run, in the order of their start. */
  get workers(): readonly number[] {
    return workersIn(this.log.text()).filter(isRunning);
  }

  /** All processes of the folder. */
  get processes(): readonly number[] {
    return processesOf(this.folder.dir);
  }

  said(pid: number): readonly string[] {
    return said(this.log.text(), pid);
  }

  edit(from: string | RegExp, to: string): void {
    const path = this.path('conf/nginx.conf');
    const text = readFileSync(path, 'latin1');
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `${from} in it`);
    writeFileSync(`${path}.new`, changed, 'latin1');
    renameSync(`${path}.new`, path);
  }

  /** A connection, greeted. */
  async open(): Promise<Wire> {
    const wire = await connect({ host: this.host, port: this.port });
    this.scope.after(() => wire.destroy());
    await wire.expectLine(GREETING);
    return wire;
  }

  async capability(): Promise<string> {
    const wire = await this.open();
    await wire.send('a CAPABILITY\r\n');
    const line = await wire.line();
    wire.destroy();
    return line.replace('* CAPABILITY ', '').replace(' AUTH=PLAIN\r\n', '');
  }
}
