// What a location says of WebSockets that it passes to mail.
import type { ByteString } from '../../conf/directive.ts';
import type { OriginRule } from '../../net/websocket/origin.ts';

export interface MailPassConf {
  readonly address: ByteString | undefined;
  readonly origins: OriginRule;
  /** Bytes of a message, in however many frames. */
  readonly maxFrame: number;
  /** 0: no pings. */
  readonly pingMs: number;
  readonly timeoutMs: number;
  /** Of one address; 0: any number. */
  readonly maxConnections: number;
}
