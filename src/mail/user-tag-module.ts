// The error_log_user_tag directive of mail: what records of sessions are marked with.
import { type HasUserTags, UserTags, userTagDirective } from '../script/log/user-tags.ts';
import { defineMailModule } from './define.ts';
import { MAIL_VARIABLES } from './main-conf.ts';
import type { Session } from './session/session.ts';

export const userTagModule = defineMailModule({
  name: 'user tag',
  createMainConf: () => undefined,
  createSrvConf: (): HasUserTags<Session> => ({ userTags: undefined }),
  srvDirectives: [
    userTagDirective(
      ['mail', 'mail.server'],
      MAIL_VARIABLES,
      'Marks the records of sessions, for filter=tag: of error_log. Several may stand on one level; a server with one has none of those of mail.',
    ),
  ],
  mergeSrvConf: (prev, conf): UserTags<Session> => new UserTags('mail', conf.userTags ?? prev.userTags),
});
