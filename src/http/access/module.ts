// The access module: allow and deny, by the address of the client.
import type { ContextName } from '../../conf/directive.ts';
import { accessRuleDirectives } from '../../core/access-directives.ts';
import { type AccessRule, AccessRules } from '../../core/access-rules.ts';
import { socketAddressOf } from '../../net/endpoint.ts';
import { type AccessOutcome, defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { FORBIDDEN_BY_RULE, satisfyModule } from './satisfy.ts';

interface AccessRaw {
  rules: AccessRule[] | undefined;
}

interface AccessConf {
  readonly rules: AccessRules | undefined;
}

const contexts: readonly ContextName[] = ['http', 'http.server', 'http.location', 'http.limit_except'];
const FORBIDDEN = 403;

export const accessModule = defineHttpModule({
  name: 'access',
  loc: {
    create: (): AccessRaw => ({ rules: undefined }),
    directives: accessRuleDirectives(contexts, {
      allow:
        'Lets clients in. The first allow or deny that names a client counts; a level with one has none of those above.',
      deny: 'Keeps clients out: they get 403. The first allow or deny that names a client counts.',
    }),
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
