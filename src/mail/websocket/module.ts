// The websocket module of mail: servers that take WebSockets themselves, without an http block.
import { args, type ByteString, ConfError, Fault } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import { formatAddress } from '../../core/address.ts';
import {
  noWebSocket,
  type WebSocketConf,
  type WebSocketRaw,
  websocketConf,
  websocketDirectives,
} from '../../net/websocket/settings.ts';
import { coreModule } from '../core-module.ts';
import { defineMailModule, type MergeContext } from '../define.ts';
import { sslModule } from '../ssl/module.ts';

interface MailWebSocketRaw extends WebSocketRaw {
  path: ByteString | undefined;
}

export interface MailWebSocketConf extends WebSocketConf {
  /** What is to be asked for, without arguments. */
  readonly path: ByteString;
}

const both = { contexts: ['mail', 'mail.server'] } as const;
const PATH = /^\/[!"$->@-~]*$/;

export const websocketModule = defineMailModule({
  name: 'websocket',
  createMainConf: () => undefined,
  createSrvConf: (): MailWebSocketRaw => ({ ...noWebSocket(), path: undefined }),
  srvDirectives: [
    slot<'path', ByteString>(
      'websocket_path',
      'path',
      args(1),
      {
        ...both,
        syntax: 'websocket_path path;',
        default: '/',
        summary:
          'What a client has to ask for where it connects to a listen with websocket; anything else is not found.',
      },
      ([text = '']) => (PATH.test(text) ? text : new Fault(`invalid path "${text}"`)),
    ),
    ...websocketDirectives(both.contexts),
  ],
  mergeSrvConf,
});

/** @returns undefined: the server takes none */
function mergeSrvConf(
  prev: Readonly<MailWebSocketRaw>,
  conf: Readonly<MailWebSocketRaw>,
  cx: MergeContext,
): MailWebSocketConf | undefined {
  const listens = cx.store.get(coreModule.srv).listens.filter(({ options }) => options.websocket);
  if (listens.length === 0) return undefined;
  const inClear = listens.find(({ options }) => !options.ssl);
  // Within a WebSocket there is no STARTTLS: nobody could ever log in.
  if (inClear !== undefined && cx.store.get(sslModule.srv).starttls === 'only') {
    const text = formatAddress(inClear.address);
    throw new ConfError(`"listen ${text} websocket" needs "ssl" with "starttls only"`, inClear.position);
  }
  return { ...websocketConf(conf, prev), path: conf.path ?? prev.path ?? '/' };
}
