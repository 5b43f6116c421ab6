// Reads what the log module of mail takes: loaded for configurations that have something of it.
import type { ByteString, ConfCursor, Fault } from '../../conf/directive.ts';
import type { AccessLog } from '../../script/log/access-log.ts';
import { type LogMain, parseAccessLog } from '../../script/log/directive.ts';
import { LogFormats } from '../../script/log/format.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import { MAIL_ESCAPES } from './escapes.ts';

const COMBINED =
  '$remote_addr [$time_local] $mail_protocol $mail_event "$mail_user" $status $mail_end $mail_auth_method ' +
  '"$upstream_addr" $bytes_received $bytes_sent $session_time $connection';

export const createLogMain = (): LogMain<Session> => ({
  formats: new LogFormats(COMBINED, MAIL_ESCAPES),
  buffers: new Map(),
});

export const defineFormat = (
  cf: ConfCursor,
  [name = '', ...words]: readonly ByteString[],
  main: LogMain<Session>,
): Fault | undefined => main.formats.define(name, words, cf.store.get(MAIL_VARIABLES));

export const readAccessLog = (
  cf: ConfCursor,
  words: readonly ByteString[],
  main: LogMain<Session>,
): AccessLog<Session> | Fault =>
  parseAccessLog(cf, words, { ...main, variables: cf.store.get(MAIL_VARIABLES), action: 'logging session' });
