// A backend that fails in every way during the login, in clear and over TLS.
import { accept } from '../support/fake-auth.ts';
import { failureBlocks, failureCases } from '../support/mail-spec/backend-failures.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import { tlsBackend } from '../support/mail-spec/transport.ts';

/** Over TLS the connection has to stand before anything is said. */
const refuses = (record: string): LoggedCase => ({
  name: 'refuses the connection',
  block: 'imap',
  answers: [
    (backend) => {
      backend.close();
      return accept(backend);
    },
  ],
  lines: (user) => [`C: a LOGIN ${user} secret`, 'S: * BAD internal server error', '--'],
  records: (log) => [log.upstream(record)],
});

loggedSpec('a backend that', { blocks: failureBlocks }, [
  ...failureCases,
  refuses('[error] recv() failed (111: Connection refused) while reading response from upstream'),
]);
loggedSpec('a backend over TLS that', { blocks: failureBlocks, transport: tlsBackend }, [
  ...failureCases,
  refuses('[error] connect() failed (111: Connection refused) while connecting to upstream'),
]);
