// The variables of the mail block: as those of nginx's stream module, and what mail has besides.
import { clockVariables } from '../../script/variables/clock.ts';
import { connectionVariables } from '../../script/variables/connection.ts';
import { tlsVariables } from '../../script/variables/tls.ts';
import type { VariableSpec } from '../../script/variables.ts';
import type { Session } from '../session/session.ts';
import { authVariables } from './auth.ts';
import { sessionVariables } from './session.ts';
import { upstreamVariables } from './upstream.ts';

const ofConnection = connectionVariables<Session>((session) => session);

// To make one of these costs less than to keep it.
const connection = ofConnection.map((spec) => ({ ...spec, volatile: true as const }));

export const mailVariables: readonly VariableSpec<Session>[] = [
  ...connection,
  ...clockVariables(),
  ...tlsVariables<Session>(({ tls }) => tls),
  // Its handshake may have to know it.
  { name: 'ssl_server_name', get: ({ tls, record }) => tls?.servername ?? record?.hello?.serverName },
  ...sessionVariables,
  ...authVariables,
  ...upstreamVariables,
];
