// The behaviour of the three protocols over the transports in clear, and with a client that sends byte by byte.
import { describe } from 'node:test';
import { mailServerSpec } from '../support/mail-spec/spec.ts';
import { proxyV1, proxyV2, tcp, unix } from '../support/mail-spec/transport.ts';

describe('mail in clear', { concurrency: 8 }, () => {
  for (const transport of [tcp, unix, proxyV1, proxyV2]) mailServerSpec(transport);
  mailServerSpec(tcp, 1);
});
