// The SMTP module: its directives, its struct and its protocol (RFC 5321, RFC 4954, RFC 3207).
import { bitmaskSlot, msecSlot, sizeSlot, wordsSlot } from '../../conf/slots.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { coreModule } from '../core-module.ts';
import { defineMailModule } from '../define.ts';
import { smtpCheck } from './check.ts';
import { type SmtpConf, type SmtpRaw, smtpConf } from './conf.ts';
import { SMTP_LINES, SmtpSession } from './session.ts';
import { smtpUpgrade } from './upgrade.ts';

const both = { contexts: ['mail', 'mail.server'] } as const;

export const smtpModule = defineMailModule({
  name: 'smtp',
  protocol: {
    name: 'smtp',
    ports: [25, 465, 587],
    lines: SMTP_LINES,
    upgrade: smtpUpgrade,
    check: smtpCheck,
    open: (session, conf: SmtpConf) => new SmtpSession(session, conf),
  },
  createMainConf: () => undefined,
  createSrvConf: (): SmtpRaw => ({
    bufferSize: undefined,
    greetingDelayMs: undefined,
    capabilities: undefined,
    auth: undefined,
  }),
  srvDirectives: [
    sizeSlot('smtp_client_buffer', 'bufferSize', {
      ...both,
      syntax: 'smtp_client_buffer size;',
      default: 'one memory page',
      summary: 'Size of the buffer for commands.',
    }),
    msecSlot('smtp_greeting_delay', 'greetingDelayMs', {
      ...both,
      syntax: 'smtp_greeting_delay time;',
      default: '0',
      summary: 'How long the greeting waits. A client that talks meanwhile is refused.',
    }),
    wordsSlot('smtp_capabilities', 'capabilities', {
      ...both,
      syntax: 'smtp_capabilities extension ...;',
      summary: 'Lines of the answer to EHLO. Those for AUTH and STARTTLS are added by themselves.',
    }),
    bitmaskSlot(
      'smtp_auth',
      'auth',
      {
        plain: 'plain',
        login: 'login',
        'cram-md5': 'cram-md5',
        external: 'external',
        xoauth2: 'xoauth2',
        oauthbearer: 'oauthbearer',
        none: 'none',
      },
      {
        ...both,
        syntax: 'smtp_auth method ...;',
        default: 'plain login',
        summary:
          'Ways to log in. AUTH PLAIN and LOGIN always work; none lets mail in by MAIL and RCPT alone. xoauth2 and oauthbearer are OAuth.',
      },
    ),
  ],
  mergeSrvConf: (prev, conf, cx) => smtpConf(prev, conf, cx.store.get(coreModule.srv).serverName, PAGE_SIZE),
});
