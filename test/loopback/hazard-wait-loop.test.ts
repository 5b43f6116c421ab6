// Hazard: an auth server that says WAIT for ever and names no time. It is asked again, slowly, and not for ever.
import assert from 'node:assert/strict';
import { response } from '../support/fake-auth.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';

const MANY = 20;

const forever: LoggedCase = {
  name: 'is given up',
  block: 'imap',
  answers: [() => response('Auth-Status: WAIT')],
  lines: (user) => [`C: a LOGIN ${user} secret`],
  next: async (wire, stage) => {
    await wire.expectLine('* BAD internal server error\r\n');
    await wire.closed();
    assert.ok(stage.requests.length > 1 && stage.requests.length <= MANY, `${stage.requests.length} questions`);
  },
  records: (log) => [
    log.login(`[error] auth http server ${log.auth} keeps sending WAIT without Auth-Wait while in http auth state`),
  ],
};

const left: LoggedCase = {
  name: 'is not asked again when the client has left',
  block: 'imap',
  answers: [() => response('Auth-Status: WAIT', 'Auth-Wait: 100000')],
  lines: (user) => [`C: a LOGIN ${user} secret`],
  next: async (wire, stage) => {
    await stage.asked(1);
    wire.reset();
  },
};

loggedSpec('WAIT without a time', { blocks: { imap: { protocol: 'imap' } } }, [forever, left]);
