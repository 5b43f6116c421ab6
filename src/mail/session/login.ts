// The login of a session, by whoever decides: the auth service, or the backends; at once, or when its user is let go.
import { PassedLogin } from '../backend/passed-login.ts';
import type { ProtocolSession } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import { HeldLogin, type Login } from './held-login.ts';
import { LoginAttempt, type LoginEvents } from './login-attempt.ts';
import type { Session } from './session.ts';

export function loginOf(session: Session, server: MailServer, protocol: ProtocolSession, events: LoginEvents): Login {
  const { authHttp, core, holds } = server;
  const login =
    authHttp === undefined
      ? new PassedLogin(session, server, protocol, events)
      : new LoginAttempt(session, server, authHttp, protocol, events);
  if (holds === undefined || holds.isEmpty) return login;
  return new HeldLogin(session, holds, login, {
    full: () => events.failed(core.protocol.lines.internalError),
    lost: (error) => events.lost(error),
  });
}
