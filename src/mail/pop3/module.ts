// The POP3 module: its directives, its struct and its protocol (RFC 1939, RFC 2449, RFC 5034).
import { bitmaskSlot, sizeSlot, wordsSlot } from '../../conf/slots.ts';
import { defineMailModule } from '../define.ts';
import { pop3Check } from './check.ts';
import { type Pop3Raw, pop3Conf } from './conf.ts';
import { POP3_LINES, Pop3Session } from './session.ts';
import { pop3Upgrade } from './upgrade.ts';

const both = { contexts: ['mail', 'mail.server'] } as const;

export const pop3Module = defineMailModule({
  name: 'pop3',
  protocol: {
    name: 'pop3',
    ports: [110, 995],
    lines: POP3_LINES,
    upgrade: pop3Upgrade,
    check: pop3Check,
    open: (session, conf) => new Pop3Session(session, conf),
  },
  createMainConf: () => undefined,
  createSrvConf: (): Pop3Raw => ({ bufferSize: undefined, capabilities: undefined, auth: undefined }),
  srvDirectives: [
    sizeSlot('pop3_client_buffer', 'bufferSize', {
      ...both,
      syntax: 'pop3_client_buffer size;',
      default: '128',
      summary: 'Size of the buffer for commands, in bytes. A token of OAuth needs more than the default: 4k, say.',
    }),
    wordsSlot('pop3_capabilities', 'capabilities', {
      ...both,
      syntax: 'pop3_capabilities capability ...;',
      default: 'TOP USER UIDL',
      summary: 'Lines of the answer to CAPA. Those for SASL and STLS are added by themselves.',
    }),
    bitmaskSlot(
      'pop3_auth',
      'auth',
      {
        plain: 'plain',
        apop: 'apop',
        'cram-md5': 'cram-md5',
        external: 'external',
        xoauth2: 'xoauth2',
        oauthbearer: 'oauthbearer',
      },
      {
        ...both,
        syntax: 'pop3_auth method ...;',
        default: 'plain',
        summary:
          'Ways to log in. USER, PASS, AUTH PLAIN and AUTH LOGIN always work; plain only announces them. xoauth2 and oauthbearer are OAuth.',
      },
    ),
  ],
  mergeSrvConf: pop3Conf,
});
