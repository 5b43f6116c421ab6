// The TLS handshake of a session, and what it says in the log.
import { verifyClient } from '../../net/tls/verify-client.ts';
import type { MailServer } from '../server.ts';
import type { Session } from './session.ts';

export interface StartTlsEvents {
  /** The connection carries clear text again, and the client may go on. */
  secured(): void;
  /** The client's certificate does not do: the line is the last one. */
  refused(line: Buffer): void;
  /** The connection is closed; why is in the log, where there is anything to say. */
  failed(): void;
}

/** The deadline stays as it is; when it passes, the connection closes without a word anywhere, as with nginx. */
export function startTls(session: Session, server: MailServer, alpn: readonly string[], events: StartTlsEvents): void {
  const { choice, verifyClient: mode } = server.ssl;
  const tls = choice === undefined ? server.ssl.tls : choice.chooser(session);
  const { protocol } = server.core;
  if (tls === undefined) {
    // The merge has seen to it that there is a context wherever TLS can begin.
    session.conn.destroy();
    events.failed();
    return;
  }
  session.conn.startTls(tls, alpn, (outcome) => {
    if (outcome.kind !== 'secure') {
      if (outcome.kind === 'failed') session.info(outcome.log);
      session.counters?.tlsFailed(outcome.kind === 'timeout' ? 'timeout' : 'handshake');
      events.failed();
      return;
    }
    session.tls = outcome.info;
    session.counters?.secured(outcome.info.protocol, outcome.info.resumed);
    const verdict = verifyClient(mode, outcome.info);
    if (verdict.kind === 'ok') {
      events.secured();
      return;
    }
    outcome.info.forgetSession();
    session.counters?.tlsFailed(verdict.kind === 'no-cert' ? 'certificate_missing' : 'certificate_invalid');
    if (verdict.kind === 'no-cert') {
      session.info('client sent no required SSL certificate');
      events.refused(protocol.lines.noCertificate);
    } else {
      session.info(`client SSL certificate verify error: (${verdict.code}:${verdict.text})`);
      events.refused(protocol.lines.certificateError);
    }
  });
}
