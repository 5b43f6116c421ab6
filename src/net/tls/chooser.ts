// The choice of a server's TLS by what the client asks for.
import type { ByteString } from '../../conf/directive.ts';
import type { ClientHello } from './client-hello.ts';
import type { ServerTls } from './context.ts';

/** For a caller that wants to know what comes before it decides. */
export interface TlsChooser {
  /** @returns the TLS that the client gets, or why it gets none, for the log */
  choose(hello: ClientHello): ServerTls | ByteString;
  /** What came is no TLS. The connection is paused, and gives it again. Left out: the handshake fails. */
  plain?(): void;
}
