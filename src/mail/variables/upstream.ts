// `$upstream_…`: the backend of a session, or all that were tried for its last login, in turn.
import type { ByteString } from '../../conf/directive.ts';
import type { LogLine } from '../../core/log-line.ts';
import { targetText } from '../../net/dial-target.ts';
import { seconds } from '../../script/time-text.ts';
import type { VariableSpec } from '../../script/variables.ts';
import { UPSTREAM } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamRecord } from '../session/upstream-record.ts';

type Getter = (upstream: UpstreamRecord) => ByteString | undefined;

function listed({ record }: Session, get: Getter): ByteString | undefined {
  const last = record?.upstream;
  if (last?.before === undefined) return last && get(last);
  const texts: ByteString[] = [];
  for (let one: UpstreamRecord | undefined = last; one !== undefined; one = one.before) texts.push(get(one) ?? '-');
  return texts.toReversed().join(', ');
}

const of = (name: string, get: Getter) => ({
  name: `${UPSTREAM}${name}`,
  get: (session: Session) => listed(session, get),
  volatile: true as const,
});

const COLON = 0x3a;
const address: Getter = ({ target }) => targetText(target);

/** No text is made of an IPv4 address and its port. */
function writeAddress(session: Session, line: LogLine): boolean {
  const last = session.record?.upstream;
  if (last === undefined) return false;
  const { target } = last;
  if (last.before !== undefined || target.kind === 'unix' || target.address.includes(':')) {
    line.text(listed(session, address) ?? '');
    return true;
  }
  line.text(target.address);
  line.byte(COLON);
  line.number(target.port);
  return true;
}

const time = (ms: number | undefined): ByteString | undefined => (ms === undefined ? undefined : seconds(ms));

export const upstreamVariables: readonly VariableSpec<Session>[] = [
  { ...of('addr', address), write: writeAddress },
  of('connect_time', ({ connectMs }) => time(connectMs)),
  of('first_byte_time', ({ firstByteMs }) => time(firstByteMs)),
  of('session_time', ({ sessionMs }) => time(sessionMs)),
  of('bytes_sent', ({ bytesSent }) => String(bytesSent)),
  of('bytes_received', ({ bytesReceived }) => String(bytesReceived)),
];
