// What a location says of WebSockets that it passes to mail.
import type { ByteString } from '../../conf/directive.ts';
import type { WebSocketConf } from '../../net/websocket/settings.ts';

export interface MailPassConf {
  readonly address: ByteString | undefined;
  readonly websocket: WebSocketConf;
}
