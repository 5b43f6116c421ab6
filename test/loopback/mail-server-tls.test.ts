// The behaviour of the three protocols over TLS: from the first byte, by STARTTLS, and behind a PROXY header.
import { describe } from 'node:test';
import { mailServerSpec } from '../support/mail-spec/spec.ts';
import { implicitTls, proxyTls, startTls } from '../support/mail-spec/transport.ts';

describe('mail over TLS', { concurrency: 8 }, () => {
  for (const transport of [implicitTls, startTls, proxyTls]) mailServerSpec(transport);
});
