// What a worker lends to its http servers.
import type { ByteString } from '../conf/directive.ts';
import type { Control } from '../control/control.ts';
import type { SocketAddress } from '../core/address.ts';
import type { ConnectionBudget } from '../core/connection-budget.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import type { Log } from '../core/log.ts';
import type { LineTarget, LineWriter } from '../core/log-book.ts';
import type { PassTarget } from '../net/loopback/passes.ts';
import type { ServerStatus } from '../stats/status.ts';

export interface HttpWorker {
  /** The main context's log. */
  readonly log: Log;
  /** Of the package, for the Server line. */
  readonly version: string;
  /** debug_connection names the client; undefined: it names nobody. */
  readonly debugs: ((client: SocketAddress) => boolean) | undefined;
  openLog(specs: readonly ErrorLogSpec[]): Log;
  /** Of an access log; files are opened when all servers have said what they need. */
  openLines(target: LineTarget): LineWriter;
  /** The next connection's number; mail and http share them. */
  nextConnection(): number;
  /** Where bodies of requests go that are too large for memory, unless the configuration says. */
  readonly bodyFolder: ByteString;
  /** worker_connections. */
  readonly connections: ConnectionBudget;
  /** What all processes do. */
  readonly control: Control;
  /** A mail server of this process, by an address that it listens on; undefined: none does. */
  mail(address: ByteString): PassTarget | undefined;
  /** What is counted. */
  readonly status: ServerStatus;
}
