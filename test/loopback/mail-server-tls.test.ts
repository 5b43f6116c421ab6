// The behaviour of the three protocols over TLS: from the first byte, by STARTTLS, and behind a PROXY header.
import { mailServerSpecs } from '../support/mail-spec/spec.ts';
import { implicitTls, proxyTls, startTls } from '../support/mail-spec/transport.ts';

mailServerSpecs('mail over TLS', [{ transport: implicitTls }, { transport: startTls }, { transport: proxyTls }]);
