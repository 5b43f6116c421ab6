// The error_log_user_tag directive of http: what records of requests are marked with.
import type { ByteString } from '../conf/directive.ts';
import { type HasUserTags, UserTags, userTagDirective } from '../script/log/user-tags.ts';
import type { Value } from '../script/value.ts';
import { defineHttpModule } from './define.ts';
import { VARIABLES } from './main-conf.ts';
import type { HttpRequest } from './request/request.ts';

interface UserTagConf extends HasUserTags<HttpRequest> {
  readonly userTags: readonly Value<HttpRequest>[] | undefined;
  readonly tags: UserTags<HttpRequest>;
}

export const userTagModule = defineHttpModule({
  name: 'user tag',
  loc: {
    create: (): HasUserTags<HttpRequest> => ({ userTags: undefined }),
    directives: [
      userTagDirective(
        ['http', 'http.server', 'http.location'],
        VARIABLES,
        'Marks the records of requests, for filter=tag: of error_log. Several may stand on one level; a level with one has none of those above.',
      ),
    ],
    merge: (prev: UserTagConf | undefined, raw): UserTagConf => {
      if (raw.userTags === undefined && prev !== undefined) return prev;
      return { userTags: raw.userTags, tags: new UserTags('http', raw.userTags) };
    },
  },
});

/** Of the place where the request is. */
export const tagsOf = (request: HttpRequest): readonly ByteString[] => request.conf(userTagModule.loc).tags.of(request);
