// The healthz module: whether clients should still be sent here.
import { args, type Directive, Fault } from '../conf/directive.ts';
import type { Condition, ServerStatus } from '../stats/status.ts';
import { defineHttpModule, type Outcome } from './define.ts';
import type { HttpRequest } from './request/request.ts';
import { httpCoreModule } from './servers/core-module.ts';

interface HealthRaw {
  isThere: boolean | undefined;
}

const NOT_ALLOWED = 405;
const UNAVAILABLE = 503;
const WORDS: Readonly<Record<Condition, string>> = { serving: 'ok', full: 'full', draining: 'draining' };

const healthz: Directive<HealthRaw> = {
  name: 'healthz',
  contexts: ['http.location'],
  arity: args(0),
  doc: {
    syntax: 'healthz;',
    summary: 'Answers 200 while new clients are served; 503 while a process drains, or where no worker has room left.',
  },
  set: (cf, _args, conf) => {
    if (conf.isThere === true) return new Fault('is duplicate');
    conf.isThere = true;
    cf.store.get(httpCoreModule.locRaw).handler = showHealth;
    return undefined;
  },
};

async function showHealth(request: HttpRequest): Promise<Outcome> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return NOT_ALLOWED;
  const condition = await conditionOf(request.client.services.status);
  const { response } = request;
  response.status = condition === 'serving' ? 200 : UNAVAILABLE;
  response.setText(`${WORDS[condition]}\n`, 'text/plain');
  response.fields.push(['Cache-Control', 'no-store']);
  return 'done';
}

/** Other workers are asked only where this one has no room. */
async function conditionOf(status: ServerStatus): Promise<Condition> {
  const own = status.condition();
  if (own !== 'full') return own;
  const { processes } = await status.all();
  return processes.some(({ condition }) => condition === 'serving') ? 'serving' : 'full';
}

export const healthzModule = defineHttpModule({
  name: 'healthz',
  loc: {
    create: (): HealthRaw => ({ isThere: undefined }),
    directives: [healthz],
    merge: (_prev, raw): Readonly<HealthRaw> => raw,
  },
});
