// charset: what the Content-Type line says of the characters of a text. Texts themselves are sent as they are.
import { args, type ByteString, type Directive } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import type { HttpResponse } from './response.ts';

interface LocRaw {
  charset: HttpValue | undefined;
  types: Set<ByteString> | undefined;
}

interface CharsetLoc {
  /** `off`: nothing is said. */
  readonly charset: HttpValue | undefined;
  readonly types: ReadonlySet<ByteString>;
}

const DEFAULT_TYPES: ReadonlySet<ByteString> = new Set(
  `text/html text/xml text/plain text/vnd.wap.wml application/javascript application/rss+xml`.split(' '),
);

const charset: Directive<LocRaw> = slot<'charset', HttpValue>(
  'charset',
  'charset',
  args(1),
  {
    contexts: ['http', 'http.server', 'http.location', 'http.location.if'],
    syntax: 'charset charset | off;',
    default: 'off',
    summary: 'The name that Content-Type gives the characters of a text. Texts are not converted.',
  },
  ([text = ''], cf) => compileValue(text, cf.store.get(VARIABLES)),
);

const charsetTypes: Directive<LocRaw> = {
  name: 'charset_types',
  contexts: ['http', 'http.server', 'http.location'],
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax: 'charset_types mime-type ...;',
    default: [...DEFAULT_TYPES].join(' '),
    summary: 'Content types that charset holds for, besides text/html; * for all of them.',
  },
  set: (_cf, words, conf) => {
    conf.types ??= new Set(['text/html']);
    for (const word of words) conf.types.add(word.toLowerCase());
    return undefined;
  },
};

export const charsetModule = defineHttpModule({
  name: 'charset',
  loc: {
    create: (): LocRaw => ({ charset: undefined, types: undefined }),
    directives: [charset, charsetTypes],
    merge: (prev: CharsetLoc | undefined, raw): CharsetLoc => ({
      charset: raw.charset ?? prev?.charset,
      types: raw.types ?? prev?.types ?? DEFAULT_TYPES,
    }),
  },
  handlers: { filter: nameCharset },
});

/** The pages of these go without. */
const BARE: readonly number[] = [301, 302];

function nameCharset(request: HttpRequest, response: HttpResponse): undefined {
  const { charset: value, types } = request.conf(charsetModule.loc);
  const { contentType = '' } = response;
  if (value === undefined || contentType === '' || contentType.includes(';')) return;
  if (BARE.includes(response.status)) return;
  const name = value.of(request);
  if (name === 'off' || name === '' || !(types.has('*') || types.has(contentType.toLowerCase()))) return;
  response.contentType = `${contentType}; charset=${name}`;
}
