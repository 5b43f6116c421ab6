// The suites of the http part, in one list.

import { fastcgi } from './cases/fastcgi.ts';
import { files } from './cases/files.ts';
import { headers, httpLevel } from './cases/headers.ts';
import { locations } from './cases/locations.ts';
import { protocol } from './cases/protocol.ts';
import { proxies } from './cases/proxies.ts';
import { rewriting } from './cases/rewrites.ts';
import { servers } from './cases/servers.ts';
import { upstreams } from './cases/upstreams.ts';
import { variables } from './cases/variables.ts';
import type { HttpSuite } from './site.ts';

export const HTTP_SUITES: readonly HttpSuite[] = [
  servers,
  locations,
  rewriting,
  variables,
  headers,
  httpLevel,
  files,
  protocol,
  proxies,
  upstreams,
  fastcgi,
];
