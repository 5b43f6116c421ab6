// Everything of http that nginx has and Postern has not, as a module: its directives, and variables without a value.
import { defineHttpModule } from '../define.ts';
import type { HttpVariableSpec } from '../script/script.ts';
import { contentDirectives } from './content.ts';
import { decidingDirectives } from './deciding.ts';
import type { HasOnce } from './group.ts';
import { packageDirectives } from './packages.ts';
import { passingDirectives } from './passing.ts';
import { tuningDirectives } from './tuning.ts';

/** Log formats name them; those that decide something are unknown instead. */
const VARIABLES = `gzip_ratio http2 http3 limit_conn_status limit_req_status request_body_file uid_got uid_reset uid_set
  tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd tcpinfo_rcv_space`;
const PREFIXES = 'sent_trailer_ upstream_trailer_';

const noValue = (name: string): HttpVariableSpec => ({ name, get: () => undefined });

export const absentModule = defineHttpModule({
  name: 'absent',
  loc: {
    create: (): HasOnce => ({ once: undefined }),
    directives: [
      ...decidingDirectives,
      ...contentDirectives,
      ...passingDirectives,
      ...tuningDirectives,
      ...packageDirectives,
    ],
    merge: (_prev: undefined, _raw) => undefined,
  },
  variables: [
    ...VARIABLES.split(/\s+/).map(noValue),
    ...PREFIXES.split(' ').map((name): HttpVariableSpec => ({ ...noValue(name), prefix: true })),
  ],
});
