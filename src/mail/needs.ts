// What the mail servers of a configuration need of a process: sockets and logs.
import type { Store } from '../conf/store.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import type { LineTarget } from '../core/log-book.ts';
import type { ListeningSpec } from '../net/listen/listening.ts';
import { listeningSpec, planSockets } from '../net/listen/plan.ts';
import { MAIL_BLOCK } from './block.ts';
import { coreModule } from './core-module.ts';
import { accessLogTargets } from './log/module.ts';

/** The sockets that the mail servers of a configuration listen on. */
export function mailListenings(store: Store): ListeningSpec[] {
  const ports = store
    .get(MAIL_BLOCK)
    .servers.flatMap((server) => server.store.get(coreModule.srv).listens.map((listen) => ({ listen, server })));
  return planSockets(ports).map((plan) => listeningSpec(plan));
}

/** The logs that mail servers have of their own. */
export function mailErrorLogs(store: Store): ErrorLogSpec[] {
  return store.get(MAIL_BLOCK).servers.flatMap((server) => server.store.get(coreModule.srv).errorLog ?? []);
}

/** Where the access logs of mail servers go. */
export const mailAccessLogs = (store: Store): LineTarget[] => accessLogTargets(storesOf(store));

/** Of the servers, in the order of the file. */
export const storesOf = (store: Store): Store[] => store.get(MAIL_BLOCK).servers.map((server) => server.store);
