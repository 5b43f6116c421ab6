// The behaviour of the three protocols over the transports in clear, and with a client that sends byte by byte.
import { mailServerSpec } from '../support/mail-spec/spec.ts';
import { proxyV1, proxyV2, tcp, unix } from '../support/mail-spec/transport.ts';

for (const transport of [tcp, unix, proxyV1, proxyV2]) mailServerSpec(transport);
mailServerSpec(tcp, 1);
