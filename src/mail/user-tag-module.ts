// The error_log_user_tag directive: what records of a session are marked with, for logs that filter by it.
import { args, type Directive, Fault } from '../conf/directive.ts';
import { compileValue, type Value } from '../script/value.ts';
import { defineMailModule } from './define.ts';
import { MAIL_VARIABLES } from './main-conf.ts';
import type { Session } from './session/session.ts';

interface UserTagRaw {
  tags: readonly Value<Session>[] | undefined;
}

const errorLogUserTag: Directive<UserTagRaw> = {
  name: 'error_log_user_tag',
  contexts: ['mail', 'mail.server'],
  arity: args(1),
  doc: {
    syntax: 'error_log_user_tag text;',
    summary:
      'Marks the records of sessions, for filter=tag: of error_log. Several may stand on one level; a server with one has none of those of mail.',
  },
  set: (cf, [text = ''], conf) => {
    const value = compileValue(text, cf.store.get(MAIL_VARIABLES));
    if (value instanceof Fault) return value;
    conf.tags = [...(conf.tags ?? []), value];
    return undefined;
  },
};

export const userTagModule = defineMailModule({
  name: 'user tag',
  createMainConf: () => undefined,
  createSrvConf: (): UserTagRaw => ({ tags: undefined }),
  srvDirectives: [errorLogUserTag],
  mergeSrvConf: (prev, conf): readonly Value<Session>[] | undefined => conf.tags ?? prev.tags,
});
