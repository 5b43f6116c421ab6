// The suites of the http part, in one list.
import { choosing } from './cases/conditions.ts';
import { errorPages } from './cases/errors.ts';
import { fastcgi } from './cases/fastcgi.ts';
import { files } from './cases/files.ts';
import { headers, httpLevel } from './cases/headers.ts';
import { locations } from './cases/locations.ts';
import { protocol } from './cases/protocol.ts';
import { proxiedAnswers } from './cases/proxied-answers.ts';
import { proxies } from './cases/proxies.ts';
import { ranged } from './cases/ranges.ts';
import { returning } from './cases/returns.ts';
import { rewriting } from './cases/rewrites.ts';
import { servers } from './cases/servers.ts';
import { upstreams } from './cases/upstreams.ts';
import { variables } from './cases/variables.ts';
import type { HttpSuite } from './site.ts';

/** Each has a pair of servers of its own. */
export const HTTP_SUITES: readonly HttpSuite[] = [
  servers,
  locations,
  returning,
  choosing,
  rewriting,
  variables,
  headers,
  httpLevel,
  files,
  ranged,
  errorPages,
  protocol,
  proxies,
  proxiedAnswers,
  upstreams,
  fastcgi,
];
