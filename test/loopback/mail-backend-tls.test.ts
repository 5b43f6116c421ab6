// The behaviour of the three protocols with TLS to the backend: what is said there, and to the client, is the same.
import { mailServerSpecs } from '../support/mail-spec/spec.ts';
import { starttlsBackend, tlsBackend, tlsTwice } from '../support/mail-spec/transport.ts';

mailServerSpecs('mail with TLS to the backend', [
  { transport: tlsBackend },
  { transport: starttlsBackend },
  { transport: tlsTwice },
]);
