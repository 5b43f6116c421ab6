// The tables of scripted cases, in one list.
import { authReplies } from './cases/auth-replies.ts';
import { backendCases } from './cases/backend.ts';
import { imapArguments } from './cases/imap-arguments.ts';
import { imapCommands } from './cases/imap-commands.ts';
import { imapSasl } from './cases/imap-sasl.ts';
import { listenerCases } from './cases/listener.ts';
import { pop3Commands } from './cases/pop3.ts';
import { pop3Sasl } from './cases/pop3-sasl.ts';
import { smtpCommands } from './cases/smtp.ts';
import { smtpAuth } from './cases/smtp-auth.ts';
import type { Suite } from './scripted.ts';

export const SUITES: readonly Suite[] = [
  { name: 'imap-commands', cases: imapCommands },
  { name: 'imap-arguments', cases: imapArguments },
  { name: 'imap-sasl', cases: imapSasl },
  { name: 'pop3', cases: pop3Commands },
  { name: 'pop3-sasl', cases: pop3Sasl },
  { name: 'smtp', cases: smtpCommands },
  { name: 'smtp-auth', cases: smtpAuth },
  { name: 'auth-replies', cases: authReplies },
  { name: 'backend', cases: backendCases },
  { name: 'listener', cases: listenerCases },
];
