// The mail_pass module: clients of mail that come by WebSocket, for networks and pages that have nothing but HTTP.
import { args, type ByteString, type Directive, Fault } from '../../conf/directive.ts';
import { passesModule } from '../../net/loopback/passes.ts';
import { loadWebSocket } from '../../net/websocket/load.ts';
import { Occupancy } from '../../net/websocket/occupancy.ts';
import { noWebSocket, type WebSocketRaw, websocketConf, websocketDirectives } from '../../net/websocket/settings.ts';
import { defineHttpModule, type HttpModule } from '../define.ts';
import { levels } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import type { MailPassConf } from './conf.ts';
import { passToMail } from './pass.ts';

interface MailPassRaw extends WebSocketRaw {
  /** As the `listen` of a mail server writes it. */
  address: ByteString | undefined;
}

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
    create: (): MailPassRaw => ({ ...noWebSocket(), address: undefined }),
    directives: [mailPass, ...websocketDirectives(['http', 'http.server', 'http.location'])],
    merge: (prev: MailPassConf | undefined, raw): MailPassConf => ({
      address: raw.address,
      websocket: websocketConf(raw, prev?.websocket),
    }),
  },
  start: (block) => {
    if (levels(block).some((level) => level.get(mailPassModule.loc).address !== undefined)) loadWebSocket();
  },
});
