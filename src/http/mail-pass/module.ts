// The mail_pass module: clients of mail that come by WebSocket, for networks and pages that have nothing but HTTP.
import { args, type ByteString, type Directive, Fault } from '../../conf/directive.ts';
import { msecSlot, numSlot, sizeSlot, slot } from '../../conf/slots.ts';
import { passesModule } from '../../net/loopback/passes.ts';
import { loadWebSocket } from '../../net/websocket/load.ts';
import { type OriginRule, parseOrigins } from '../../net/websocket/origin.ts';
import { httpCoreModule } from '../core-module.ts';
import { defineHttpModule, type HttpModule } from '../define.ts';
import { levels } from '../main-conf.ts';
import type { HttpRequest } from '../request.ts';
import type { MailPassConf } from './conf.ts';
import { Occupancy } from './occupancy.ts';
import { passToMail } from './pass.ts';

interface MailPassRaw {
  /** As the `listen` of a mail server writes it. */
  address: ByteString | undefined;
  origins: OriginRule | undefined;
  maxFrame: number | undefined;
  pingMs: number | undefined;
  timeoutMs: number | undefined;
  maxConnections: number | undefined;
}

const MAX_FRAME = 1_048_576;
const PING_MS = 30_000;
const TIMEOUT_MS = 90_000;

const everywhere = { contexts: ['http', 'http.server', 'http.location'] } as const;

const mailPass: Directive<MailPassRaw> = {
  name: 'mail_pass',
  contexts: ['http.location'],
  arity: args(1),
  doc: {
    syntax: 'mail_pass address;',
    summary:
      'Takes WebSockets, and passes the bytes of their binary frames to the mail server that has a listen with that very address.',
  },
  set: (cf, [address = ''], conf) => {
    if (conf.address !== undefined) return new Fault('is duplicate');
    conf.address = address;
    cf.store.get(passesModule.raw).wanted.push({ written: address, position: cf.position });
    cf.store.get(httpCoreModule.locRaw).handler = handler;
    return undefined;
  },
};

const handler = (request: HttpRequest): ReturnType<typeof passToMail> =>
  passToMail(request, request.conf(mailPassModule.loc), request.conf(mailPassModule.main));

export const mailPassModule: HttpModule<Occupancy, never, never, MailPassRaw, MailPassConf> = defineHttpModule({
  name: 'mail_pass',
  main: { create: () => new Occupancy() },
  loc: {
    create: (): MailPassRaw => ({
      address: undefined,
      origins: undefined,
      maxFrame: undefined,
      pingMs: undefined,
      timeoutMs: undefined,
      maxConnections: undefined,
    }),
    directives: [
      mailPass,
      slot<'origins', OriginRule>(
        'websocket_allow_origin',
        'origins',
        args(1, Number.POSITIVE_INFINITY),
        {
          ...everywhere,
          syntax: 'websocket_allow_origin same | any | origin ...;',
          default: 'same',
          summary:
            'Pages of which origins may open a WebSocket: of the same host, of any, or of those named. Clients that are no browsers name none, and may.',
          values: ['same', 'any'],
        },
        parseOrigins,
      ),
      sizeSlot('websocket_max_frame', 'maxFrame', {
        ...everywhere,
        syntax: 'websocket_max_frame size;',
        default: '1m',
        summary: 'How large a message of a client may be, in one frame or several; a larger one ends the WebSocket.',
      }),
      msecSlot('websocket_ping', 'pingMs', {
        ...everywhere,
        syntax: 'websocket_ping time;',
        default: '30s',
        summary: 'How often a client is sent a ping; 0 sends none.',
      }),
      msecSlot('websocket_timeout', 'timeoutMs', {
        ...everywhere,
        syntax: 'websocket_timeout time;',
        default: '90s',
        summary: 'How long nothing may come from a client, not even the answer to a ping.',
      }),
      numSlot('websocket_max_connections', 'maxConnections', {
        ...everywhere,
        syntax: 'websocket_max_connections number;',
        default: '0',
        summary: 'How many WebSockets a client address may have with a worker at a time; 0 is any number.',
      }),
    ],
    merge: (prev: MailPassConf | undefined, raw): MailPassConf => ({
      address: raw.address,
      origins: raw.origins ?? prev?.origins ?? 'same',
      maxFrame: raw.maxFrame ?? prev?.maxFrame ?? MAX_FRAME,
      pingMs: raw.pingMs ?? prev?.pingMs ?? PING_MS,
      timeoutMs: raw.timeoutMs ?? prev?.timeoutMs ?? TIMEOUT_MS,
      maxConnections: raw.maxConnections ?? prev?.maxConnections ?? 0,
    }),
  },
  start: (block) => {
    if (levels(block).some((level) => level.get(mailPassModule.loc).address !== undefined)) loadWebSocket();
  },
});
