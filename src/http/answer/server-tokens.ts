// server_tokens: what the server calls itself, in the Server line and at the foot of its pages.
import type { ByteString } from '../../conf/directive.ts';
import { enumSlot } from '../../conf/slots.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';

type Tokens = 'off' | 'on' | 'build';

interface LocRaw {
  tokens: Tokens | undefined;
}

export const serverTokensModule = defineHttpModule({
  name: 'server tokens',
  loc: {
    create: (): LocRaw => ({ tokens: undefined }),
    directives: [
      enumSlot(
        'server_tokens',
        'tokens',
        { on: 'on', off: 'off', build: 'build' },
        {
          contexts: ['http', 'http.server', 'http.location'],
          syntax: 'server_tokens on | off | build;',
          default: 'on',
          summary: 'Whether the version is shown in the Server line and on built-in pages.',
        },
      ),
    ],
    merge: (prev: { readonly tokens: Tokens } | undefined, raw) => ({ tokens: raw.tokens ?? prev?.tokens ?? 'on' }),
  },
});

/** @param version of the package */
export const serverNameOf = (request: HttpRequest, version: string): ByteString =>
  request.conf(serverTokensModule.loc).tokens === 'off' ? 'postern' : `postern/${version}`;
