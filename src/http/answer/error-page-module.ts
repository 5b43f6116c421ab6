// error_page: which URI, location or address takes the place of the page of a status.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { flagSlot } from '../../conf/slots.ts';
import { parseNumber } from '../../conf/values.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpValue } from '../script/script.ts';

export interface ErrorPage {
  /** undefined: the status stays; `own`: it is that of what the page leads to. */
  readonly status: number | 'own' | undefined;
  readonly target: HttpValue;
}

interface LocRaw {
  pages: Map<number, ErrorPage> | undefined;
  recursive: boolean | undefined;
  logSubrequest: boolean | undefined;
  msiePadding: boolean | undefined;
  msieRefresh: boolean | undefined;
}

interface ErrorPageLoc {
  readonly pages: ReadonlyMap<number, ErrorPage>;
  /** A page may have an error page. */
  readonly recursive: boolean;
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const LOWEST = 300;
const HIGHEST = 599;
/** The client has closed the connection. */
const CLIENT_GONE = 499;
const CODE = /^\d+$/;

const errorPage: Directive<LocRaw> = {
  name: 'error_page',
  contexts: ['http', 'http.server', 'http.location', 'http.location.if'],
  arity: args(2, Number.POSITIVE_INFINITY),
  doc: {
    syntax: 'error_page code ... [=[response]] uri | @location | url;',
    summary:
      'What is shown for a status in place of the built-in page, with that status, with another one, or with its own.',
  },
  set: (cf, values, conf) => {
    const last = values.at(-2) ?? '';
    const overwrites = values.length > 2 && last.startsWith('=');
    const status = overwrites ? parseOverwrite(last) : undefined;
    if (status instanceof Fault) return status;
    const target = compileValue(values.at(-1) ?? '', cf.store.get(VARIABLES));
    if (target instanceof Fault) return target;
    conf.pages ??= new Map();
    for (const text of values.slice(0, overwrites ? -2 : -1)) {
      const code = CODE.test(text) ? parseNumber(text) : undefined;
      if (code === undefined || code === CLIENT_GONE) return whole(`invalid value "${text}"`);
      if (code < LOWEST || code > HIGHEST) {
        return whole(`value "${text}" must be between ${LOWEST} and ${HIGHEST}`);
      }
      if (!conf.pages.has(code)) conf.pages.set(code, { status, target });
    }
    return undefined;
  },
};

function parseOverwrite(text: ByteString): number | 'own' | Fault {
  if (text === '=') return 'own';
  return parseNumber(text.slice(1)) ?? whole(`invalid value "${text}"`);
}

export const errorPageModule = defineHttpModule({
  name: 'error page',
  loc: {
    create: (): LocRaw => ({
      pages: undefined,
      recursive: undefined,
      logSubrequest: undefined,
      msiePadding: undefined,
      msieRefresh: undefined,
    }),
    directives: [
      errorPage,
      flagSlot('recursive_error_pages', 'recursive', {
        ...all,
        syntax: 'recursive_error_pages on | off;',
        default: 'off',
        summary: 'Whether what error_page leads to may have error pages of its own.',
      }),
      flagSlot('log_subrequest', 'logSubrequest', {
        ...all,
        syntax: 'log_subrequest on | off;',
        default: 'off',
        summary: 'Whether the access log has the requests that are made within a request.',
        noEffect: 'requests within a request are not logged',
      }),
      flagSlot('msie_padding', 'msiePadding', {
        ...all,
        syntax: 'msie_padding on | off;',
        default: 'on',
        summary: 'Whether error pages are made longer for Internet Explorer, which shows no short ones.',
        noEffect: 'there is no Internet Explorer any more',
      }),
      flagSlot('msie_refresh', 'msieRefresh', {
        ...all,
        syntax: 'msie_refresh on | off;',
        default: 'off',
        summary: 'Whether Internet Explorer gets a page that refreshes itself in place of a redirect.',
        noEffect: 'there is no Internet Explorer any more',
      }),
    ],
    merge: (prev: ErrorPageLoc | undefined, raw): ErrorPageLoc => ({
      pages: raw.pages ?? prev?.pages ?? new Map(),
      recursive: raw.recursive ?? prev?.recursive ?? false,
    }),
  },
});
