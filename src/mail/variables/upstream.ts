// `$upstream_…`: the backend of a session, or all that were tried for its last login, in turn.
import type { ByteString } from '../../conf/directive.ts';
import { seconds } from '../../script/time-text.ts';
import type { VariableSpec } from '../../script/variables.ts';
import { UPSTREAM } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamRecord } from '../session/upstream-record.ts';

type OfOne = (upstream: UpstreamRecord) => ByteString | undefined;

function ofAll(last: UpstreamRecord | undefined, get: OfOne): ByteString | undefined {
  if (last?.before === undefined) return last && get(last);
  const texts: ByteString[] = [];
  for (let one: UpstreamRecord | undefined = last; one !== undefined; one = one.before) texts.push(get(one) ?? '-');
  return texts.toReversed().join(', ');
}

const of = (name: string, get: OfOne): VariableSpec<Session> => ({
  name: `${UPSTREAM}${name}`,
  get: ({ record }) => ofAll(record?.upstream, get),
  volatile: true,
});

const addressOf: OfOne = ({ address }) => address;

const time = (ms: number | undefined): ByteString | undefined => (ms === undefined ? undefined : seconds(ms));

export const upstreamVariables: readonly VariableSpec<Session>[] = [
  {
    name: `${UPSTREAM}addr`,
    get: ({ record }) => ofAll(record?.upstream, addressOf),
    write: ({ record }, line) => line.value(ofAll(record?.upstream, addressOf)),
    volatile: true,
  },
  of('connect_time', ({ connectMs }) => time(connectMs)),
  of('first_byte_time', ({ firstByteMs }) => time(firstByteMs)),
  of('session_time', ({ sessionMs }) => time(sessionMs)),
  of('bytes_sent', ({ bytesSent }) => String(bytesSent)),
  of('bytes_received', ({ bytesReceived }) => String(bytesReceived)),
];
