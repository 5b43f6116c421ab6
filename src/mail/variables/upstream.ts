// `$upstream_…`: the backend of a session, or all that were tried for its last login, in turn.
import type { ByteString } from '../../conf/directive.ts';
import { seconds } from '../../script/time-text.ts';
import type { VariableSpec } from '../../script/variables.ts';
import { UPSTREAM } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamRecord } from '../session/upstream-record.ts';

const of = (name: string, get: (upstream: UpstreamRecord) => ByteString | undefined): VariableSpec<Session> => ({
  name: `${UPSTREAM}${name}`,
  get: ({ record }) => {
    const last = record?.upstream;
    if (last?.before === undefined) return last && get(last);
    const texts: ByteString[] = [];
    for (let one: UpstreamRecord | undefined = last; one !== undefined; one = one.before) texts.push(get(one) ?? '-');
    return texts.toReversed().join(', ');
  },
  volatile: true,
});

const time = (ms: number | undefined): ByteString | undefined => (ms === undefined ? undefined : seconds(ms));

export const upstreamVariables: readonly VariableSpec<Session>[] = [
  of('addr', ({ address }) => address),
  of('connect_time', ({ connectMs }) => time(connectMs)),
  of('first_byte_time', ({ firstByteMs }) => time(firstByteMs)),
  of('session_time', ({ sessionMs }) => time(sessionMs)),
  of('bytes_sent', ({ bytesSent }) => String(bytesSent)),
  of('bytes_received', ({ bytesReceived }) => String(bytesReceived)),
];
