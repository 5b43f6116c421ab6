// What the three protocols have of SASL beyond nginx, in clear, over TLS, and with a client that sends byte by byte.
import { SPEC_BLOCKS } from '../support/mail-spec/case.ts';
import { OAUTH_BLOCKS, oauthLogins } from '../support/mail-spec/oauth-logins.ts';
import { mailServerSpecs } from '../support/mail-spec/spec.ts';
import { implicitTls, tcp, unix } from '../support/mail-spec/transport.ts';

mailServerSpecs(
  'SASL',
  [{ transport: tcp }, { transport: unix }, { transport: implicitTls }, { transport: tcp, piece: 1 }],
  { blocks: { ...SPEC_BLOCKS, ...OAUTH_BLOCKS }, cases: oauthLogins, checks: [] },
);
