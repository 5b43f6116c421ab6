// Variables of the session as a whole, and of what an SMTP client has said.
import { randomBytes } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import type { Connection } from '../../net/connection.ts';
import { type VariableSpec, written } from '../../script/variables.ts';
import { SESSION_ENDS, type SessionEnd } from '../session/end.ts';
import type { Session } from '../session/session.ts';

/** `MAIL FROM:<a@b> SIZE=1`, as typed. @returns what it names, without brackets */
export function pathIn(command: Buffer | undefined): ByteString | undefined {
  const typed = command?.toString('latin1');
  if (typed === undefined) return undefined;
  const [, bracketed, bare] = /:[ \t]*(?:<([^>]*)>?|(\S*))/.exec(typed) ?? [];
  return bracketed ?? bare;
}

/** `000`: the session lasts. */
const statusOf = (end: SessionEnd | undefined): ByteString => (end === undefined ? '000' : String(SESSION_ENDS[end]));

/** Of this process. */
const BEGINNING = Buffer.from(randomBytes(8).toString('hex'), 'latin1');

/** Of the client's connection. */
const bytes = (name: string, of: (conn: Connection) => number): VariableSpec<Session> => ({
  name,
  ...written<Session>(({ conn }, line) => {
    line.number(of(conn));
    return true;
  }),
  volatile: true,
  safe: true,
});

export const sessionVariables: readonly VariableSpec<Session>[] = [
  { name: 'protocol', get: () => 'TCP', volatile: true, safe: true },
  { name: 'mail_protocol', get: ({ protocol }) => protocol, volatile: true, safe: true },
  {
    name: 'mail_session_id',
    // Connections have numbers that no other one of this server has.
    ...written<Session>(({ connection }, line) => {
      line.bytes(BEGINNING);
      line.hex(connection, 16);
      return true;
    }),
    volatile: true,
    safe: true,
  },
  { name: 'mail_helo', get: ({ record }) => record?.envelope?.helo?.toString('latin1'), volatile: true },
  { name: 'mail_from', get: ({ record }) => pathIn(record?.envelope?.from), volatile: true },
  { name: 'mail_rcpt', get: ({ record }) => pathIn(record?.envelope?.to), volatile: true },
  // What names the client's program, such as ID of IMAP, is no command before the login.
  { name: 'mail_client_id', get: () => undefined },
  bytes('bytes_received', ({ bytesReceived }) => bytesReceived),
  bytes('bytes_sent', ({ bytesSent }) => bytesSent),
  {
    name: 'session_time',
    ...written<Session>(({ record }, line) => {
      if (record === undefined) return false;
      line.seconds(line.nowMs - record.startedMs);
      return true;
    }),
    volatile: true,
    safe: true,
  },
  { name: 'status', get: ({ record }) => statusOf(record?.end), volatile: true, safe: true },
  { name: 'mail_end', get: ({ record }) => record?.end, volatile: true, safe: true },
  { name: 'mail_closed_by', get: ({ record }) => record?.closedBy, volatile: true, safe: true },
  { name: 'mail_event', get: ({ record }) => record?.event ?? 'session', volatile: true, safe: true },
];
