// What the flow of an HTTP connection is given, and whom it tells what comes.
import type { Log } from '../../core/log.ts';
import type { Broken } from '../request/broken.ts';
import type { ClientLoc } from './client-module.ts';
import type { HttpConnection } from './connection.ts';
import type { Phase } from './flow-phase.ts';
import type { Arrived } from './request-queue.ts';

export interface FlowOptions {
  readonly client: HttpConnection;
  /** Of the default server, as the next three. */
  readonly log: Log;
  readonly limits: ClientLoc;
  readonly headerTimeoutMs: number;
  /** How the log names the address that the client came in by. */
  readonly listenText: string;
  /** Answers it. Never fails. */
  serve(arrived: Arrived): void;
  /** Answers or logs what never became a request. Never fails. */
  refuse(broken: Broken): void;
  moved(phase: Phase): void;
  ended(): void;
}
