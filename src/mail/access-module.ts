// The access module: allow and deny, by the address of the client.
import { accessRuleDirectives } from '../core/access-directives.ts';
import { type AccessRule, AccessRules } from '../core/access-rules.ts';
import { defineMailModule } from './define.ts';

interface AccessRaw {
  rules: AccessRule[] | undefined;
}

export const accessModule = defineMailModule({
  name: 'access',
  createMainConf: () => undefined,
  createSrvConf: (): AccessRaw => ({ rules: undefined }),
  srvDirectives: accessRuleDirectives(['mail', 'mail.server'], {
    allow:
      'Lets clients in. The first allow or deny that names a client counts; a server with one has none of those above.',
    deny: 'Keeps clients out: their connections are closed. The first allow or deny that names a client counts.',
  }),
  mergeSrvConf: (prev, conf): AccessRules | undefined => {
    const rules = conf.rules ?? prev.rules;
    return rules === undefined ? undefined : new AccessRules(rules);
  },
});
