// An authorization server that says of a token whose it is, as Dovecot asks it.
import { createServer } from 'node:http';
import type { Scope } from '../support/cleanup.ts';
import { listen } from '../support/fake-auth.ts';
import { ownAddress } from '../support/ports.ts';

/** Some 1200 bytes, as tokens are. */
export const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'Zm9vYmFy'.repeat(150)}.c2ln-bmF0_dXJl`;
/** The token is that of alice. @param lookedUp gets the tokens that it is asked about @returns its URL */
export async function startIntrospection(scope: Scope, lookedUp: string[]): Promise<string> {
  const server = createServer((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    lookedUp.push(token);
    const known = token === TOKEN ? { active: true, username: 'alice' } : { active: false };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(known));
  });
  const host = ownAddress();
  const port = await listen(server, host, 0);
  scope.after(() => server.closeAllConnections());
  scope.after(() => void server.close());
  return `http://${host}:${port}/introspect`;
}
