// The workloads, in the order of the report.
import { bulkWorkload } from './bulk.ts';
import { commandWorkload } from './command.ts';
import { idleWorkload } from './idle.ts';
import { latencyWorkload } from './latency.ts';
import {
  loginWorkload,
  ownAuthLoginWorkload,
  resumedLoginWorkload,
  tlsLoginWorkload,
  tunedLoginWorkload,
} from './login.ts';
import { reloadWorkload } from './reload.ts';
import { startWorkload } from './start.ts';
import { workersWorkload } from './workers.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [
  loginWorkload,
  tunedLoginWorkload,
  ownAuthLoginWorkload,
  tlsLoginWorkload,
  resumedLoginWorkload,
  latencyWorkload,
  bulkWorkload,
  idleWorkload,
  commandWorkload,
  startWorkload,
  reloadWorkload,
  workersWorkload,
];
