// Variables of the login: what the client gave, and what the auth server said of it.
import type { ByteString } from '../../conf/directive.ts';
import { type VariableSpec, written } from '../../script/variables.ts';
import { AUTH_HTTP } from '../main-conf.ts';
import type { Session } from '../session/session.ts';

/** What no variable ever shows. */
const PASSWORD = 'auth_pass';

const text = (bytes: Buffer | undefined): ByteString | undefined => bytes?.toString('latin1');

export const authVariables: readonly VariableSpec<Session>[] = [
  {
    name: 'mail_user',
    ...written<Session>(({ login }, line) => {
      if (login === undefined) return false;
      line.bytes(login);
      return true;
    }),
    volatile: true,
  },
  { name: 'mail_auth_user', get: ({ record }) => text(record?.authUser), volatile: true },
  { name: 'mail_auth_method', get: ({ record }) => record?.authMethod, volatile: true, safe: true },
  { name: 'mail_auth_status', get: ({ record }) => record?.authStatus, volatile: true },
  { name: 'mail_login_attempts', get: ({ attempt }) => String(attempt), volatile: true, safe: true },
  {
    name: AUTH_HTTP,
    prefix: true,
    allows: (name) => name !== '' && name !== PASSWORD,
    get: ({ record }, name) => text(record?.authHeaders?.get(name)),
  },
];
