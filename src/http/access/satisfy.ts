// The access phase: whether all checks of a request have to agree, or one of them is enough (satisfy).
import { enumSlot, msecSlot } from '../../conf/slots.ts';
import { type AccessHandler, defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';

interface SatisfyRaw {
  satisfy: 'all' | 'any' | undefined;
  authDelayMs: number | undefined;
}

interface SatisfyConf {
  readonly satisfy: 'all' | 'any';
  readonly authDelayMs: number;
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

export const FORBIDDEN_BY_RULE = 'access forbidden by rule';

export const satisfyModule = defineHttpModule({
  name: 'satisfy',
  loc: {
    create: (): SatisfyRaw => ({ satisfy: undefined, authDelayMs: undefined }),
    directives: [
      enumSlot(
        'satisfy',
        'satisfy',
        { all: 'all', any: 'any' },
        {
          ...all,
          syntax: 'satisfy all | any;',
          default: 'all',
          summary: 'Whether allow and deny, auth_basic and auth_request all have to let a client in, or one of them.',
        },
      ),
      msecSlot('auth_delay', 'authDelayMs', {
        ...all,
        syntax: 'auth_delay time;',
        default: '0s',
        summary: 'How long an answer with 401 waits, so that it does not tell how long the check took.',
      }),
    ],
    merge: (prev: SatisfyConf | undefined, raw): SatisfyConf => ({
      satisfy: raw.satisfy ?? prev?.satisfy ?? 'all',
      authDelayMs: raw.authDelayMs ?? prev?.authDelayMs ?? 0,
    }),
  },
});

/** A request within a request asks for no access of its own. @returns the status of a refusal */
export async function checkAccess(
  request: HttpRequest,
  handlers: readonly AccessHandler[],
): Promise<number | undefined> {
  if (request.main !== undefined) return undefined;
  const { satisfy, authDelayMs } = request.conf(satisfyModule.loc);
  const refused = satisfy === 'all' ? await askAll(request, handlers) : await askAny(request, handlers);
  if (refused === UNAUTHORIZED && authDelayMs > 0) await delay(request, authDelayMs);
  return refused;
}

async function askAll(request: HttpRequest, handlers: readonly AccessHandler[]): Promise<number | undefined> {
  for (const handler of handlers) {
    const outcome = await handler(request);
    if (typeof outcome === 'number') return outcome;
  }
  return undefined;
}

/** The first who lets the client in counts. Of refusals 401 counts more than 403: a password may help. */
async function askAny(request: HttpRequest, handlers: readonly AccessHandler[]): Promise<number | undefined> {
  let refused: number | undefined;
  for (const handler of handlers) {
    const outcome = await handler(request);
    if (outcome === 'allowed') {
      request.response.removeField('www-authenticate');
      return undefined;
    }
    if (outcome === undefined) continue;
    if (outcome !== UNAUTHORIZED && outcome !== FORBIDDEN) return outcome;
    if (refused !== UNAUTHORIZED) refused = outcome;
  }
  if (refused === FORBIDDEN) request.error(FORBIDDEN_BY_RULE);
  return refused;
}

function delay(request: HttpRequest, ms: number): Promise<void> {
  request.info('delaying unauthorized request');
  return new Promise((resolve) => {
    const { output } = request;
    const end = (): void => {
      clearTimeout(timer);
      output.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    output.once('close', end);
    if (output.destroyed) end();
  });
}
