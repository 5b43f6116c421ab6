// `$upstream_…`: the backend of a session, or all that were tried for its last login, in turn.
import type { ByteString } from '../../conf/directive.ts';
import { seconds } from '../../script/time-text.ts';
import type { VariableSpec } from '../../script/variables.ts';
import { UPSTREAM } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamRecord } from '../session/upstream-record.ts';

const NONE: readonly UpstreamRecord[] = [];

const of = (name: string, get: (upstream: UpstreamRecord) => ByteString | undefined): VariableSpec<Session> => ({
  name: `${UPSTREAM}${name}`,
  get: ({ record }) => {
    const upstreams = record?.upstreams ?? NONE;
    const [first] = upstreams;
    if (first === undefined || upstreams.length === 1) return first && get(first);
    return upstreams.map((one) => get(one) ?? '-').join(', ');
  },
  volatile: true,
});

const time = (ms: number | undefined): ByteString | undefined => (ms === undefined ? undefined : seconds(ms));

export const upstreamVariables: readonly VariableSpec<Session>[] = [
  of('addr', ({ address }) => address),
  of('connect_time', ({ connectMs }) => time(connectMs)),
  of('first_byte_time', ({ firstByteMs }) => time(firstByteMs)),
  of('session_time', ({ sessionMs }) => time(sessionMs)),
  of('bytes_sent', ({ traffic }) => String(traffic.sent)),
  of('bytes_received', ({ traffic }) => String(traffic.received)),
];
