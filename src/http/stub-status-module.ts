// The stub_status module: numbers of connections and requests, of all workers, as a page and as variables.
import { args, type Directive } from '../conf/directive.ts';
import type { ConnectionCounts } from '../core/connection-counts.ts';
import { defineHttpModule, type Outcome } from './define.ts';
import { levels } from './main-conf.ts';
import type { HttpRequest } from './request/request.ts';
import type { HttpVariableSpec } from './script/script.ts';
import { httpCoreModule } from './servers/core-module.ts';

interface StatusRaw {
  shown: boolean | undefined;
}

const NOT_ALLOWED = 405;

const stubStatus: Directive<StatusRaw> = {
  name: 'stub_status',
  contexts: ['http.server', 'http.location'],
  arity: args(0, 1),
  doc: {
    syntax: 'stub_status;',
    summary: 'Answers with the numbers of connections and requests, of mail and http, of all workers.',
  },
  set: (cf, _args, conf) => {
    conf.shown = true;
    cf.store.get(httpCoreModule.locRaw).handler = showStatus;
    return undefined;
  },
};

async function showStatus(request: HttpRequest): Promise<Outcome> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return NOT_ALLOWED;
  const { total } = await request.client.services.status.all();
  request.response.status = 200;
  request.response.setText(pageOf(total.connections), 'text/plain');
  return 'done';
}

const pageOf = ({ accepted, handled, requests, active, reading, writing, waiting }: ConnectionCounts): string =>
  `Active connections: ${active} \n` +
  `server accepts handled requests\n ${accepted} ${handled} ${requests} \n` +
  `Reading: ${reading} Writing: ${writing} Waiting: ${waiting} \n`;

const variable = (key: 'active' | 'reading' | 'writing' | 'waiting'): HttpVariableSpec => ({
  name: `connections_${key}`,
  get: ({ client }) => String(client.services.status.recent()[key]),
  volatile: true,
});

export const stubStatusModule = defineHttpModule({
  name: 'stub_status',
  loc: {
    create: (): StatusRaw => ({ shown: undefined }),
    directives: [stubStatus],
    merge: (_prev: { readonly isShown: boolean } | undefined, raw) => ({ isShown: raw.shown === true }),
  },
  variables: [variable('active'), variable('reading'), variable('writing'), variable('waiting')],
  start: (block, { status }) => {
    if (levels(block).some((level) => level.get(stubStatusModule.loc).isShown)) status.keep();
  },
});
