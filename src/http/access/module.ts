// The access module: allow and deny, by the address of the client.
import { args, type ContextName, type Directive, whole } from '../../conf/directive.ts';
import { type AccessRule, AccessRules, parseWho } from '../../core/access-rules.ts';
import { socketAddressOf } from '../../net/endpoint.ts';
import { type AccessOutcome, defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request.ts';
import { FORBIDDEN_BY_RULE, satisfyModule } from './satisfy.ts';

interface AccessRaw {
  rules: AccessRule[] | undefined;
}

interface AccessConf {
  readonly rules: AccessRules | undefined;
}

const contexts: readonly ContextName[] = ['http', 'http.server', 'http.location', 'http.limit_except'];
const FORBIDDEN = 403;

const rule = (name: string, allows: boolean, summary: string): Directive<AccessRaw> => ({
  name,
  contexts,
  arity: args(1),
  doc: { syntax: `${name} address | CIDR | unix: | all;`, summary, values: ['all', 'unix:'] },
  set: (cf, [text = ''], conf) => {
    const parsed = parseWho(text);
    if (parsed === undefined) return whole(`invalid parameter "${text}"`);
    if (parsed.lowBits) cf.warn(`low address bits of ${text} are meaningless`);
    conf.rules ??= [];
    conf.rules.push({ allows, who: parsed.who });
    return undefined;
  },
});

export const accessModule = defineHttpModule({
  name: 'access',
  loc: {
    create: (): AccessRaw => ({ rules: undefined }),
    directives: [
      rule(
        'allow',
        true,
        'Lets clients in. The first allow or deny that names a client counts; a level with one has none of those above.',
      ),
      rule('deny', false, 'Keeps clients out: they get 403. The first allow or deny that names a client counts.'),
    ],
    merge: (prev: AccessConf | undefined, raw): AccessConf => ({
      rules: raw.rules === undefined ? prev?.rules : new AccessRules(raw.rules),
    }),
  },
  handlers: { access: check },
});

function check(request: HttpRequest): AccessOutcome {
  const allows = request.conf(accessModule.loc).rules?.allows(socketAddressOf(request.client.client));
  if (allows === undefined) return undefined;
  if (allows) return 'allowed';
  // With "any" another check may still let the client in.
  if (request.conf(satisfyModule.loc).satisfy === 'all') request.error(FORBIDDEN_BY_RULE);
  return FORBIDDEN;
}
