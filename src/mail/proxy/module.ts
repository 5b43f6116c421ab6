// The proxy module: how sessions are passed on to the backend that the auth server names.
import { enumSlot, flagSlot, msecSlot, sizeSlot } from '../../conf/slots.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { defineMailModule } from '../define.ts';

/** Version of the PROXY header for the backend; 0: none. */
export type ProxyVersion = 0 | 1 | 2;

interface ProxyRaw {
  enabled: boolean | undefined;
  bufferSize: number | undefined;
  timeoutMs: number | undefined;
  passErrorMessage: boolean | undefined;
  version: ProxyVersion | undefined;
  smtpAuth: boolean | undefined;
  xclient: boolean | undefined;
  imapLogin: ImapLoginForm | undefined;
}

/** How the LOGIN command of IMAP carries user name and password. */
export type ImapLoginForm = 'literal' | 'quoted';

export interface ProxyConf {
  /** The most that one reply of the backend may take during login, in bytes. */
  readonly bufferSize: number;
  /** The relay ends when the client's side has been idle so long, in milliseconds. */
  readonly timeoutMs: number;
  readonly passErrorMessage: boolean;
  readonly version: ProxyVersion;
  readonly smtpAuth: boolean;
  readonly xclient: boolean;
  readonly imapLogin: ImapLoginForm;
}

const both = { contexts: ['mail', 'mail.server'] } as const;
const DAY_MS = 86_400_000;

export const proxyModule = defineMailModule({
  name: 'proxy',
  createMainConf: () => undefined,
  createSrvConf: (): ProxyRaw => ({
    enabled: undefined,
    bufferSize: undefined,
    timeoutMs: undefined,
    passErrorMessage: undefined,
    version: undefined,
    smtpAuth: undefined,
    xclient: undefined,
    imapLogin: undefined,
  }),
  srvDirectives: [
    flagSlot('proxy', 'enabled', {
      ...both,
      syntax: 'proxy on | off;',
      default: 'off',
      summary: 'Kept for old configurations. Sessions are always passed on.',
    }),
    sizeSlot('proxy_buffer', 'bufferSize', {
      ...both,
      syntax: 'proxy_buffer size;',
      default: 'one memory page',
      summary: 'The most that one reply of the backend may take during login.',
    }),
    msecSlot('proxy_timeout', 'timeoutMs', {
      ...both,
      syntax: 'proxy_timeout time;',
      default: '24h',
      summary: 'Ends a session whose client has neither sent nor taken anything for so long.',
    }),
    flagSlot('proxy_pass_error_message', 'passErrorMessage', {
      ...both,
      syntax: 'proxy_pass_error_message on | off;',
      default: 'off',
      summary: 'Shows the client what the backend said when it refused the login.',
    }),
    enumSlot(
      'proxy_protocol',
      'version',
      { off: 0, on: 1, v2: 2 },
      {
        ...both,
        syntax: 'proxy_protocol off | on | v2;',
        default: 'off',
        summary: 'Begins the connection to the backend with a PROXY header; on means version 1.',
      },
    ),
    flagSlot('proxy_smtp_auth', 'smtpAuth', {
      ...both,
      syntax: 'proxy_smtp_auth on | off;',
      default: 'off',
      summary: 'Logs in to SMTP backends with AUTH PLAIN.',
    }),
    flagSlot('xclient', 'xclient', {
      ...both,
      syntax: 'xclient on | off;',
      default: 'on',
      summary: 'Tells SMTP backends about the client with XCLIENT.',
    }),
    enumSlot(
      'proxy_imap_login',
      'imapLogin',
      { literal: 'literal', quoted: 'quoted' },
      {
        ...both,
        syntax: 'proxy_imap_login literal | quoted;',
        default: 'literal',
        summary:
          'Logs in to IMAP backends with one line where name and password are printable ASCII, or as nginx does.',
      },
    ),
  ],
  mergeSrvConf: (prev, conf): ProxyConf => ({
    bufferSize: conf.bufferSize ?? prev.bufferSize ?? PAGE_SIZE,
    timeoutMs: Math.max(1, conf.timeoutMs ?? prev.timeoutMs ?? DAY_MS),
    passErrorMessage: conf.passErrorMessage ?? prev.passErrorMessage ?? false,
    version: conf.version ?? prev.version ?? 0,
    smtpAuth: conf.smtpAuth ?? prev.smtpAuth ?? false,
    xclient: conf.xclient ?? prev.xclient ?? true,
    imapLogin: conf.imapLogin ?? prev.imapLogin ?? 'literal',
  }),
});
