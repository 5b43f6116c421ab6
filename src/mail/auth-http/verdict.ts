// What an auth reply means: refuse, ask again, or log in at a backend. The order of the checks is nginx's.
import type { ByteString } from '../../conf/directive.ts';
import { formatIp, parseIp } from '../../core/ip.ts';
import type { BackendPlace, Places } from '../backend/place.ts';
import type { ProtocolSession } from '../protocol.ts';
import {
  type BackendAuth,
  type BackendMechanism,
  mechanismFor,
  namedMechanism,
  needsPassword,
} from '../session/backend-auth.ts';
import { isOAuth } from '../session/credentials.ts';
import type { Session } from '../session/session.ts';
import type { AuthReply } from './reply.ts';

export type Verdict =
  | {
      readonly kind: 'deny';
      readonly text: Buffer;
      readonly code: Buffer | undefined;
      readonly waitS: number;
      /** OAuth: what the client is told within SASL before the text. */
      readonly saslError: Buffer | undefined;
    }
  /** Ask again after so many seconds. */
  | { readonly kind: 'again'; readonly waitS: number }
  | {
      readonly kind: 'pass';
      readonly address: string;
      readonly port: number;
      readonly text: ByteString;
      readonly mechanism: BackendMechanism;
    }
  /** The backend has to be chosen, or looked up. */
  | { readonly kind: 'choose'; readonly place: BackendPlace; readonly mechanism: BackendMechanism }
  /** The answer cannot be used; `why` follows `auth http server ADDR `. */
  | { readonly kind: 'broken'; readonly why: ByteString };

/**
 * Takes over Auth-User and Auth-Pass into the session's credentials, then decides.
 * @param auth how the configuration wants logins to be said to the backend
 * @param places what names of backends mean; undefined: nothing
 */
export function judge(
  reply: AuthReply,
  session: Session,
  state: ProtocolSession,
  auth: BackendAuth,
  places?: Places,
): Verdict {
  applyIdentity(reply, session);
  const { failure } = reply;
  if (failure !== undefined && (failure.length > 0 || state.emptyStatusDenies)) {
    return {
      kind: 'deny',
      text: failure,
      code: reply.code,
      waitS: reply.waitS,
      saslError: isOAuth(session.credentials?.method) ? reply.saslError : undefined,
    };
  }
  if (reply.wait) return { kind: 'again', waitS: reply.waitS };
  const server = reply.server?.toString('latin1') ?? '';
  const port = reply.port?.toString('latin1') ?? '';
  const number = /^\d+$/.test(port) ? Number(port) : 0;
  const bytes = server === '' || port === '' ? undefined : parseIp(server);
  // proxy_pass has the place of what an answer leaves out, and an error page is no answer.
  const isPlaced = bytes === undefined && (server !== '' || reply.ok);
  const place = isPlaced ? places?.named(server, number === 0 ? undefined : number, session) : undefined;
  if (place === undefined && (server === '' || port === '')) {
    return { kind: 'broken', why: 'did not send server or port' };
  }
  const mechanism =
    reply.method === undefined
      ? mechanismFor(auth, session.credentials, state.passwordMechanism)
      : namedMechanism(reply.method);
  // Only SMTP has something to say without a login.
  if (mechanism === undefined || (mechanism === 'none' && state.needsPassword)) {
    return { kind: 'broken', why: `sent invalid auth method:"${reply.method?.toString('latin1') ?? ''}"` };
  }
  if (state.needsPassword && needsPassword(mechanism) && session.credentials?.pass === undefined) {
    return { kind: 'broken', why: 'did not send password' };
  }
  const isBadPort = port !== '' && (number < 1 || number > 65535);
  if (place !== undefined) return isBadPort ? portFault(port) : { kind: 'choose', place, mechanism };
  if (bytes === undefined) return { kind: 'broken', why: `sent invalid server address:"${server}"` };
  if (isBadPort) return portFault(port);
  return {
    kind: 'pass',
    address: formatIp(bytes),
    port: number,
    text: `${server}:${port}`,
    mechanism,
  };
}

const portFault = (port: ByteString): Verdict => ({ kind: 'broken', why: `sent invalid server port:"${port}"` });

function applyIdentity(reply: AuthReply, session: Session): void {
  const { credentials } = session;
  if (reply.user !== undefined) {
    session.login = reply.user;
    if (credentials !== undefined) credentials.user = reply.user;
  }
  if (credentials === undefined || reply.pass === undefined) return;
  credentials.pass?.fill(0);
  credentials.pass = reply.pass;
}
