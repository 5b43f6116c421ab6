// Handshakes of clients, in the words of nginx's API.
import { type ServerNumbers, TLS_VERSIONS, type TlsFailure } from '../../stats/server-counters.ts';

export function sslOf(servers: readonly ServerNumbers[]) {
  const sum = (of: (server: ServerNumbers) => number): number => servers.reduce((all, one) => all + of(one), 0);
  const failures = (why: TlsFailure): number => sum((server) => server.tlsFailures(why));
  const made = (resumed: boolean): number =>
    TLS_VERSIONS.reduce((all, version) => all + sum((server) => server.handshakes(version, resumed)), 0);
  const [full, reused] = [made(false), made(true)];
  return {
    handshakes: full + reused,
    handshakes_failed: failures('handshake') + failures('timeout'),
    session_reuses: reused,
    handshake_timeout: failures('timeout'),
    verify_failures: { no_cert: failures('certificate_missing'), other: failures('certificate_invalid') },
  };
}
