// The mail_dashboard module: a page that shows what the mail servers do, and a WebSocket that keeps it up to date.
import { args, at, type Directive, Fault, type Position, whole } from '../../conf/directive.ts';
import { parseNumber } from '../../conf/values.ts';
import { controlModule } from '../../control/module.ts';
import { loadWebSocket } from '../../net/websocket/load.ts';
import { statsModule } from '../../stats/module.ts';
import { authBasicModule } from '../auth-basic/module.ts';
import { defineHttpModule, type HttpModule, type Outcome } from '../define.ts';
import { openAddress } from '../exposure.ts';
import { mailPassModule } from '../mail-pass/module.ts';
import { levels } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { LOCATION_BLOCK } from '../servers/location.ts';
import { answerDashboard } from './answer.ts';
import type { DashboardConf, DashboardSite } from './conf.ts';
import { Feed } from './feed.ts';
import { pageFolder, readPageFiles } from './page-files.ts';

interface DashboardRaw {
  site: DashboardSite | undefined;
  position: Position | undefined;
  viewers: number | undefined;
  viewersOfAddress: number | undefined;
}

/** Of a worker. */
interface DashboardMain {
  feed: Feed | undefined;
}

const VIEWERS = 16;
const VIEWERS_OF_ADDRESS = 8;
const UNAVAILABLE = 503;

const mailDashboard: Directive<DashboardRaw> = {
  name: 'mail_dashboard',
  contexts: ['http.location'],
  arity: args(0),
  doc: {
    syntax: 'mail_dashboard;',
    summary: 'Serves a page that shows mail sessions, logins and backends as they are, second by second.',
  },
  set: (cf, _args, conf) => {
    if (conf.site !== undefined) return new Fault('is duplicate');
    const { store } = cf;
    const { kind, text } = store.get(LOCATION_BLOCK).match;
    if (kind !== 'prefix' && kind !== 'no-regex') {
      return whole('"mail_dashboard" needs a location of a prefix, which its files are below');
    }
    const files = readPageFiles(cf.env, pageFolder());
    if (files instanceof Fault) return files;
    const site = { base: text.replace(/\/$/, ''), files, server: store.get(httpCoreModule.srvRaw) };
    conf.site = site;
    conf.position = cf.position;
    store.get(httpCoreModule.locRaw).handler = (request) => serve(request, site);
    const stats = store.get(statsModule.raw);
    stats.isShown = true;
    stats.isRemembered = true;
    store.get(controlModule.raw).isShown = true;
    store.get(authBasicModule.locRaw).locksOut = true;
    return undefined;
  },
};

const viewers: Directive<DashboardRaw> = {
  name: 'mail_dashboard_viewers',
  contexts: ['http', 'http.server', 'http.location'],
  arity: args(1, 2),
  doc: {
    syntax: 'mail_dashboard_viewers number [address=number];',
    default: `${VIEWERS} address=${VIEWERS_OF_ADDRESS}`,
    summary: 'How many pages may watch by way of a worker, and how many of these from one client address.',
  },
  set: (_cf, [number = '', ofAddress], conf) => {
    if (conf.viewers !== undefined) return new Fault('is duplicate');
    const all = parseNumber(number);
    if (all === undefined || all === 0) return new Fault('invalid number');
    const [, text] = ofAddress === undefined ? [] : (/^address=(.*)$/s.exec(ofAddress) ?? []);
    const some = ofAddress === undefined ? Math.min(all, VIEWERS_OF_ADDRESS) : parseNumber(text ?? '');
    if (some === undefined || some === 0) return whole(`invalid parameter "${ofAddress ?? ''}"`);
    conf.viewers = all;
    conf.viewersOfAddress = some;
    return undefined;
  },
};

function serve(request: HttpRequest, site: DashboardSite): Outcome | Promise<Outcome> {
  const { feed } = request.conf(dashboardModule.main);
  if (feed === undefined) return UNAVAILABLE; // there is one where a location has a dashboard
  const conf = request.conf(dashboardModule.loc);
  return answerDashboard(request, site, { feed, conf, socket: request.conf(mailPassModule.loc).websocket });
}

export const dashboardModule: HttpModule<DashboardMain, never, never, DashboardRaw, DashboardConf> = defineHttpModule({
  name: 'mail_dashboard',
  main: { create: (): DashboardMain => ({ feed: undefined }) },
  loc: {
    create: (): DashboardRaw => ({
      site: undefined,
      position: undefined,
      viewers: undefined,
      viewersOfAddress: undefined,
    }),
    directives: [mailDashboard, viewers],
    merge: (prev: DashboardConf | undefined, raw, { env, store }): DashboardConf => {
      const address = raw.position && openAddress(store);
      if (raw.position !== undefined && address !== undefined) {
        env.report('warn', `"mail_dashboard" is open to everybody who reaches ${address}${at(raw.position)}`);
      }
      return {
        site: raw.site,
        viewers: raw.viewers ?? prev?.viewers ?? VIEWERS,
        viewersOfAddress: raw.viewersOfAddress ?? prev?.viewersOfAddress ?? VIEWERS_OF_ADDRESS,
      };
    },
  },
  start: (block, worker) => {
    const { store } = block;
    if (store === undefined) return;
    if (!levels(block).some((level) => level.get(dashboardModule.loc).site !== undefined)) return;
    loadWebSocket();
    store.get(dashboardModule.main).feed = new Feed(worker);
  },
});
