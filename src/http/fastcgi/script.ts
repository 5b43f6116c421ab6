// `$fastcgi_script_name` and `$fastcgi_path_info`: the URI, cut where fastcgi_split_path_info says.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { compileRegex } from '../../script/regex.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpRegex, HttpVariableSpec } from '../script/script.ts';

export interface ScriptRules {
  /** What follows a URI that ends with a slash. */
  readonly index: ByteString;
  /** Its two groups are the script and what follows it. */
  readonly split: HttpRegex | undefined;
}

export interface HasSplit {
  split: HttpRegex | undefined;
}

const GROUPS = 2;

/** An empty alternative tells how many groups there are. */
function groupsOf(pattern: ByteString): number {
  try {
    return (new RegExp(`${pattern}|`).exec('')?.length ?? 1) - 1;
  } catch {
    return GROUPS; // in a syntax that is only PCRE's
  }
}

export const splitDirective: Directive<HasSplit> = {
  name: 'fastcgi_split_path_info',
  contexts: ['http', 'http.server', 'http.location'],
  arity: args(1),
  doc: {
    syntax: 'fastcgi_split_path_info regex;',
    summary: 'Cuts the URI in two groups: $fastcgi_script_name and $fastcgi_path_info.',
  },
  set: (cf, [pattern = ''], conf) => {
    const regex = compileRegex(pattern, { ignoreCase: false, variables: cf.store.get(VARIABLES) });
    if (regex instanceof Fault) return regex;
    if (groupsOf(pattern) !== GROUPS) return whole(`pattern "${pattern}" must have ${GROUPS} captures`);
    conf.split = regex;
    return undefined;
  },
};

function cut(request: HttpRequest, { split }: ScriptRules): readonly [script: ByteString, info: ByteString] {
  const { uri } = request;
  const found = split?.execOrLog(request, uri);
  return found === undefined ? [uri, ''] : [found[1] ?? '', found[2] ?? ''];
}

export const scriptVariables = (rules: (request: HttpRequest) => ScriptRules): readonly HttpVariableSpec[] => [
  {
    name: 'fastcgi_script_name',
    volatile: true,
    get: (request) => {
      const [script] = cut(request, rules(request));
      return script.endsWith('/') ? script + rules(request).index : script;
    },
  },
  { name: 'fastcgi_path_info', volatile: true, get: (request) => cut(request, rules(request))[1] },
];
