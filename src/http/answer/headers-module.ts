// The headers module: lines that the configuration adds to the head of responses, and until when they may be kept.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { enumSlot } from '../../conf/slots.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import { type ExpiresConf, expiresDirective, NEVER_EXPIRES, setExpires } from './expires.ts';
import type { HttpResponse } from './response.ts';

interface AddedHeader {
  readonly name: ByteString;
  readonly value: HttpValue;
  /** With any status. */
  readonly always: boolean;
}

type Inherit = 'on' | 'off' | 'merge';

interface HeadersRaw {
  added: AddedHeader[] | undefined;
  inherit: Inherit | undefined;
  expires: ExpiresConf | undefined;
}

interface HeadersConf {
  readonly added: readonly AddedHeader[];
  readonly inherit: Inherit;
  readonly expires: ExpiresConf;
}

const contexts = ['http', 'http.server', 'http.location', 'http.location.if'] as const;

const addHeader: Directive<HeadersRaw> = {
  name: 'add_header',
  contexts,
  arity: args(2, 3),
  doc: {
    syntax: 'add_header name value [always];',
    summary:
      'Adds a line to the head of responses that succeed or redirect, with "always" of all. An empty value adds none.',
    values: ['always'],
  },
  set: (cf, [name = '', text = '', last], conf) => {
    const value = compileValue(text, cf.store.get(VARIABLES));
    if (value instanceof Fault) return value;
    if (last !== undefined && last !== 'always') return whole(`invalid parameter "${last}"`);
    conf.added ??= [];
    conf.added.push({ name, value, always: last !== undefined });
    return undefined;
  },
};

const STATUSES: ReadonlySet<number> = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308]);

export const headersModule = defineHttpModule({
  name: 'headers',
  loc: {
    create: (): HeadersRaw => ({ added: undefined, inherit: undefined, expires: undefined }),
    directives: [
      addHeader,
      expiresDirective,
      enumSlot(
        'add_header_inherit',
        'inherit',
        { on: 'on', off: 'off', merge: 'merge' },
        {
          contexts,
          syntax: 'add_header_inherit on | off | merge;',
          default: 'on',
          summary:
            'Lines of the level above: used where a level has none of its own, never, or in addition to its own.',
        },
      ),
    ],
    merge: (prev: HeadersConf | undefined, raw): HeadersConf => {
      const inherit = raw.inherit ?? prev?.inherit ?? 'on';
      const expires = raw.expires ?? prev?.expires ?? NEVER_EXPIRES;
      const inherited = inherit === 'off' || prev === undefined ? [] : prev.added;
      if (raw.added === undefined) return { added: inherited, inherit, expires };
      return { added: inherit === 'merge' ? [...raw.added, ...inherited] : raw.added, inherit, expires };
    },
  },
  handlers: { filter: addHeaders },
});

function addHeaders(request: HttpRequest, response: HttpResponse): undefined {
  const { added, expires } = request.conf(headersModule.loc);
  if (added.length === 0 && expires.kind === 'off') return;
  const succeeded = STATUSES.has(response.status);
  if (succeeded && expires.kind !== 'off') setExpires(request, response, expires);
  for (const { name, value, always } of added) if (succeeded || always) addTo(response, name, value.of(request));
}

/** nginx knows these two, and has one line of each. */
const SINGLE: ReadonlySet<string> = new Set(['last-modified', 'etag']);

function addTo(response: HttpResponse, name: ByteString, value: ByteString): void {
  const lower = name.toLowerCase();
  if (SINGLE.has(lower)) {
    if (lower === 'last-modified') response.lastModifiedMs = undefined;
    response.removeField(lower);
  }
  if (value !== '') response.fields.push([name, value]);
}
