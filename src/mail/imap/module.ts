// The IMAP module: its directives, its struct and its protocol (RFC 3501, RFC 2595, RFC 4959).
import { bitmaskSlot, sizeSlot, wordsSlot } from '../../conf/slots.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { defineMailModule } from '../define.ts';
import { imapCheck } from './check.ts';
import { type ImapConf, type ImapRaw, imapConf } from './conf.ts';
import { IMAP_LINES, ImapSession } from './session.ts';
import { imapUpgrade } from './upgrade.ts';

const both = { contexts: ['mail', 'mail.server'] } as const;

export const imapModule = defineMailModule({
  name: 'imap',
  protocol: {
    name: 'imap',
    ports: [143, 993],
    lines: IMAP_LINES,
    upgrade: imapUpgrade,
    check: imapCheck,
    open: (session, conf: ImapConf) => new ImapSession(session, conf),
  },
  createMainConf: () => undefined,
  createSrvConf: (): ImapRaw => ({
    bufferSize: undefined,
    capabilities: undefined,
    auth: undefined,
  }),
  srvDirectives: [
    sizeSlot('imap_client_buffer', 'bufferSize', {
      ...both,
      syntax: 'imap_client_buffer size;',
      default: 'one memory page',
      summary: 'Size of the buffer for commands. A command with its literals has to fit in it.',
    }),
    wordsSlot('imap_capabilities', 'capabilities', {
      ...both,
      syntax: 'imap_capabilities capability ...;',
      default: 'IMAP4 IMAP4rev1 UIDPLUS',
      summary: 'Words of the answer to CAPABILITY. Those for AUTH and STARTTLS are added by themselves.',
    }),
    bitmaskSlot(
      'imap_auth',
      'auth',
      {
        plain: 'plain',
        login: 'login',
        'cram-md5': 'cram-md5',
        external: 'external',
        xoauth2: 'xoauth2',
        oauthbearer: 'oauthbearer',
      },
      {
        ...both,
        syntax: 'imap_auth method ...;',
        default: 'plain',
        summary:
          'Ways to log in. LOGIN, AUTHENTICATE PLAIN and AUTHENTICATE LOGIN always work; the words announce them. xoauth2 and oauthbearer are OAuth.',
      },
    ),
  ],
  mergeSrvConf: (prev, conf) => imapConf(prev, conf, PAGE_SIZE),
});
