// The behaviour of the three protocols over the transports in clear, and with a client that sends byte by byte.
import { mailServerSpecs } from '../support/mail-spec/spec.ts';
import { proxyV1, proxyV2, tcp, unix } from '../support/mail-spec/transport.ts';

mailServerSpecs('mail in clear', [
  { transport: tcp },
  { transport: unix },
  { transport: proxyV1 },
  { transport: proxyV2 },
  { transport: tcp, piece: 1 },
]);
