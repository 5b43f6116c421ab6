// What a session begins with, once the client's address is known: `set`, then `allow` and `deny`.
import { socketAddressOf } from '../../net/endpoint.ts';
import type { MailServer } from '../server.ts';
import type { Session } from './session.ts';

/** @returns false: the client is to go without a word; why is in the log */
export function admits(session: Session, { settings, access }: MailServer): boolean {
  for (const setting of settings) session.record?.set(setting.variable, setting.value.of(session));
  if (access === undefined || access.allows(socketAddressOf(session.client)) !== false) return true;
  session.action = 'initializing session';
  session.error('access forbidden by rule');
  session.counters?.limited('access');
  session.note('denied');
  return false;
}
