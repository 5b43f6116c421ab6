// The proxy module: how sessions are passed on to the backend that the auth server names.
import { enumSlot, flagSlot, msecSlot, sizeSlot } from '../../conf/slots.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { defineMailModule } from '../define.ts';
import type { MailProtocol } from '../protocol.ts';
import type { BackendAuth } from '../session/backend-auth.ts';

/** Version of the PROXY header for the backend; 0: none. */
export type ProxyVersion = 0 | 1 | 2;

interface ProxyRaw {
  enabled: boolean | undefined;
  bufferSize: number | undefined;
  timeoutMs: number | undefined;
  passErrorMessage: boolean | undefined;
  version: ProxyVersion | undefined;
  imapAuth: Exclude<BackendAuth, 'none'> | undefined;
  pop3Auth: Exclude<BackendAuth, 'none'> | undefined;
  smtpAuth: BackendAuth | undefined;
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
  /** How logins are said to the backends of each protocol. */
  readonly auth: Readonly<Record<MailProtocol['name'], BackendAuth>>;
  readonly xclient: boolean;
  readonly imapLogin: ImapLoginForm;
}

const both = { contexts: ['mail', 'mail.server'] } as const;
const DAY_MS = 86_400_000;
const MECHANISMS = {
  login: 'login',
  plain: 'plain',
  xoauth2: 'xoauth2',
  oauthbearer: 'oauthbearer',
  external: 'external',
  pass: 'pass',
} as const;
const MECHANISM_NAMES = Object.keys(MECHANISMS).join(' | ');

export const proxyModule = defineMailModule({
  name: 'proxy',
  createMainConf: () => undefined,
  createSrvConf: (): ProxyRaw => ({
    enabled: undefined,
    bufferSize: undefined,
    timeoutMs: undefined,
    passErrorMessage: undefined,
    version: undefined,
    imapAuth: undefined,
    pop3Auth: undefined,
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
    enumSlot(
      'proxy_smtp_auth',
      'smtpAuth',
      { off: 'none', on: 'plain', ...MECHANISMS },
      {
        ...both,
        syntax: `proxy_smtp_auth off | on | ${MECHANISM_NAMES};`,
        default: 'off',
        summary: 'Logs in to SMTP backends: on is AUTH PLAIN, pass the mechanism that the client has used.',
      },
    ),
    enumSlot('proxy_imap_auth', 'imapAuth', MECHANISMS, {
      ...both,
      syntax: `proxy_imap_auth ${MECHANISM_NAMES};`,
      default: 'login',
      summary: 'How to log in to IMAP backends: login is LOGIN, pass the mechanism that the client has used.',
    }),
    enumSlot('proxy_pop3_auth', 'pop3Auth', MECHANISMS, {
      ...both,
      syntax: `proxy_pop3_auth ${MECHANISM_NAMES};`,
      default: 'login',
      summary: 'How to log in to POP3 backends: login is USER and PASS, pass the mechanism that the client has used.',
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
    auth: {
      imap: conf.imapAuth ?? prev.imapAuth ?? 'login',
      pop3: conf.pop3Auth ?? prev.pop3Auth ?? 'login',
      smtp: conf.smtpAuth ?? prev.smtpAuth ?? 'none',
    },
    xclient: conf.xclient ?? prev.xclient ?? true,
    imapLogin: conf.imapLogin ?? prev.imapLogin ?? 'literal',
  }),
});
