// What the three protocols have beyond nginx, in clear, over TLS, and with a client that sends byte by byte.
import { BACKEND_BLOCKS, backendLogins } from '../support/mail-spec/backend-logins.ts';
import { SPEC_BLOCKS } from '../support/mail-spec/case.ts';
import { MAX_COMMANDS_BLOCKS, maxCommands } from '../support/mail-spec/max-commands.ts';
import { OAUTH_BLOCKS, oauthLogins } from '../support/mail-spec/oauth-logins.ts';
import { mailServerSpecs } from '../support/mail-spec/spec.ts';
import { implicitTls, tcp, unix } from '../support/mail-spec/transport.ts';

mailServerSpecs(
  'mail beyond nginx',
  [{ transport: tcp }, { transport: unix }, { transport: implicitTls }, { transport: tcp, piece: 1 }],
  {
    blocks: { ...SPEC_BLOCKS, ...OAUTH_BLOCKS, ...MAX_COMMANDS_BLOCKS, ...BACKEND_BLOCKS },
    cases: [...oauthLogins, ...maxCommands, ...backendLogins],
    checks: [],
  },
);
