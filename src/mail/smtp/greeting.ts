// What an SMTP server does before its greeting: the client's host name, then smtp_greeting_delay.
import { IGNORE } from '../../net/connection.ts';
import { loggableBuffer } from '../command/loggable.ts';
import type { BeforeGreeting } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { resolveClientHost } from './client-host.ts';
import type { SmtpConf } from './conf.ts';

const EARLY_TALKER = Buffer.from('503 5.5.0 Improper use of SMTP command pipelining\r\n');

/** There is nothing to find out, and nothing to wait for. */
export function greetsAtOnce({ resolver }: Session, { greetingDelayMs }: SmtpConf): boolean {
  return resolver === undefined && greetingDelayMs === 0;
}

export function beforeSmtpGreeting(session: Session, conf: SmtpConf, flow: BeforeGreeting): void {
  const { resolver } = session;
  if (resolver === undefined) {
    delayGreeting(session, conf, flow);
    return;
  }
  const found = resolveClientHost({
    resolver,
    clientIp: session.client?.address,
    timeoutMs: session.resolverTimeoutMs,
    signal: flow.signal,
    onStage: (action) => {
      session.action = action;
    },
    logError: (text) => session.error(text),
  });
  void found.then((host) => {
    if (flow.signal.aborted) return;
    session.clientHost = host;
    delayGreeting(session, conf, flow);
  }, session.onFault);
}

/** A client that talks before it is greeted is a spammer's program. */
function delayGreeting(session: Session, conf: SmtpConf, flow: BeforeGreeting): void {
  if (conf.greetingDelayMs === 0) {
    flow.greet();
    return;
  }
  const { conn } = session;
  session.action = 'in delay pipelining state';
  conn.handler = {
    ...IGNORE,
    onData: (chunk) => {
      const text = loggableBuffer('smtp', chunk.subarray(0, conf.bufferSize), false).replace(/[\r\n]/g, '_');
      session.info(`client was rejected before greeting: "${text}"`);
      session.note('early_talker');
      flow.reject(EARLY_TALKER);
    },
    onEof: () => flow.close(),
    onClose: () => flow.close(),
    onTimeout: () => {
      conn.pause();
      flow.greet();
    },
  };
  conn.deadline(conf.greetingDelayMs);
  conn.resume();
}
