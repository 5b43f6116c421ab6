// A session that nothing but a directory of sessions knows.
import type { ByteString } from '../../src/conf/directive.ts';
import type { SessionState } from '../../src/control/session-view.ts';
import type { ListedFlow } from '../../src/mail/session-directory.ts';

export interface FakeFlow {
  readonly connection: number;
  readonly user: string;
  readonly client: string;
  readonly zone?: ByteString;
  readonly state?: SessionState;
  /** For how long nothing has come. */
  readonly silentMs?: number;
  /** Milliseconds since 1970, where it keeps that; else it is listed as of now. */
  readonly startedMs?: number;
  readonly onKick?: () => void;
}

export function fakeFlow(fake: FakeFlow): ListedFlow {
  const {
    connection,
    user,
    client,
    zone = 'front',
    state = 'relay',
    silentMs = 0,
    startedMs,
    onKick = () => {},
  } = fake;
  return {
    server: { core: { protocol: { name: 'imap' } }, zone },
    sinceMs: 0,
    session: {
      record: startedMs === undefined ? undefined : { startedMs },
      connection,
      conn: {
        bytesReceived: connection,
        bytesSent: 2 * connection,
        limitedSinceMs: performance.now() - silentMs,
        guard: (run) => run(),
      },
      tls: undefined,
      tail: undefined,
      end: undefined,
      listenText: '0.0.0.0:143',
      clientText: client,
      login: Buffer.from(user),
      upstream: '10.0.0.1:143',
    },
    state,
    kick: onKick,
  };
}
