// The auth_request module: another location says whether a request may go on.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import { compileValue } from '../../script/value.ts';
import { type AccessOutcome, defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue, HttpVariable } from '../script/script.ts';

/** An `auth_request_set`. */
interface Assignment {
  readonly variable: HttpVariable;
  readonly value: HttpValue;
}

interface AuthRequestRaw {
  /** Empty: nobody is asked. */
  uri: ByteString | undefined;
  assignments: Assignment[] | undefined;
}

interface AuthRequestConf {
  readonly uri: ByteString;
  readonly assignments: readonly Assignment[];
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const INTERNAL_ERROR = 500;

const authRequestSet: Directive<AuthRequestRaw> = {
  name: 'auth_request_set',
  ...all,
  arity: args(2),
  doc: {
    syntax: 'auth_request_set $variable value;',
    summary: 'Gives a variable a value after auth_request: what stands in it is taken from the inner request.',
  },
  set: (cf, [name = '', text = ''], conf) => {
    if (!/^\$./s.test(name)) return whole(`invalid variable name "${name}"`);
    const variables = cf.store.get(VARIABLES);
    const variable = variables.assignable(name.slice(1), () => undefined);
    if (variable instanceof Fault) return variable;
    const value = compileValue(text, variables);
    if (value instanceof Fault) return value;
    conf.assignments ??= [];
    conf.assignments.push({ variable, value });
    return undefined;
  },
};

export const authRequestModule = defineHttpModule({
  name: 'auth request',
  loc: {
    create: (): AuthRequestRaw => ({ uri: undefined, assignments: undefined }),
    directives: [
      slot<'uri', ByteString>(
        'auth_request',
        'uri',
        args(1),
        {
          ...all,
          syntax: 'auth_request uri | off;',
          default: 'off',
          summary: 'Asks another location whether a request may go on: 2xx lets it, 401 and 403 are the answer.',
          values: ['off'],
        },
        ([text = '']) => (text === 'off' ? '' : text),
      ),
      authRequestSet,
    ],
    merge: (prev: AuthRequestConf | undefined, raw): AuthRequestConf => ({
      uri: raw.uri ?? prev?.uri ?? '',
      assignments: raw.assignments ?? prev?.assignments ?? [],
    }),
  },
  handlers: { access: check },
});

async function check(request: HttpRequest): Promise<AccessOutcome> {
  const { uri, assignments } = request.conf(authRequestModule.loc);
  if (uri === '') return undefined;
  const inner = await request.ask(uri);
  if (typeof inner === 'number') return inner;
  for (const { variable, value } of assignments) variable.assign(request, value.of(inner));
  return outcomeOf(request, inner);
}

function outcomeOf(request: HttpRequest, { response: { status, fields } }: HttpRequest): AccessOutcome {
  if (status >= 200 && status < 300) return 'allowed';
  if (status === FORBIDDEN) return FORBIDDEN;
  if (status === UNAUTHORIZED) {
    const challenges = fields.filter(([name]) => name.toLowerCase() === 'www-authenticate');
    request.response.fields.push(...challenges);
    return UNAUTHORIZED;
  }
  request.error(`auth request unexpected status: ${status}`);
  return INTERNAL_ERROR;
}
