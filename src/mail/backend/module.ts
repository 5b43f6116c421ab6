// The backend module: where sessions go to that the auth server sends nowhere, and how backends are dialled.
import { args, at, ConfError, type Directive, Fault } from '../../conf/directive.ts';
import { flagSlot, msecSlot, numSlot } from '../../conf/slots.ts';
import { compileValue, type Value } from '../../script/value.ts';
import { bindDirective, type HasBind } from '../../upstream/bind.ts';
import type { UpstreamReference } from '../../upstream/reference.ts';
import { authHttpModule } from '../auth-http/module.ts';
import { coreModule } from '../core-module.ts';
import { defineMailModule, type MergeContext } from '../define.ts';
import { MAIL_SCRIPT } from '../main-conf.ts';
import { proxyModule } from '../proxy/module.ts';
import type { Session } from '../session/session.ts';
import { type MailGroup, PROTOCOL_PORT, UPSTREAMS } from '../upstream/context.ts';

/** What proxy_pass names; with variables that is known with the session. */
type PassTarget = UpstreamReference<MailGroup> | Value<Session>;

interface BackendRaw extends HasBind<Session> {
  pass: PassTarget | undefined;
  connectTimeoutMs: number | undefined;
  nextUpstream: boolean | undefined;
  nextTries: number | undefined;
  nextTimeoutMs: number | undefined;
  socketKeepalive: boolean | undefined;
}

/** When another backend is asked in place of one that failed. */
export interface NextRules {
  readonly on: boolean;
  /** How many backends are asked; 0: as many as there are. */
  readonly tries: number;
  /** From the first one on, in milliseconds; 0 is without limit. */
  readonly timeoutMs: number;
}

export interface BackendConf {
  readonly pass: PassTarget | undefined;
  /** From dialling to the greeting, in milliseconds; undefined: the time of the login is the only limit. */
  readonly connectTimeoutMs: number | undefined;
  readonly next: NextRules;
  /** undefined: the system chooses. */
  readonly bind: Value<Session> | undefined;
  readonly socketKeepalive: boolean;
}

const both = { contexts: ['mail', 'mail.server'] } as const;

const proxyPass: Directive<BackendRaw> = {
  name: 'proxy_pass',
  ...both,
  arity: args(1),
  doc: {
    syntax: 'proxy_pass address | upstream | $variable;',
    summary: 'The backend of sessions for which the auth service names none, or which it is not asked about.',
  },
  set: (cf, [text = ''], conf) => {
    if (conf.pass !== undefined) return new Fault('is duplicate');
    const value = compileValue(text, cf.store.get(MAIL_SCRIPT.variables));
    if (value instanceof Fault) return value;
    const target = value.constant === undefined ? value : cf.store.get(UPSTREAMS).refer(cf, text, PROTOCOL_PORT, false);
    if (target instanceof Fault) return target;
    conf.pass = target;
    return undefined;
  },
};

export const backendModule = defineMailModule({
  name: 'backend',
  createMainConf: () => undefined,
  createSrvConf: (): BackendRaw => ({
    pass: undefined,
    connectTimeoutMs: undefined,
    nextUpstream: undefined,
    nextTries: undefined,
    nextTimeoutMs: undefined,
    bind: undefined,
    socketKeepalive: undefined,
  }),
  srvDirectives: [
    proxyPass,
    msecSlot('proxy_connect_timeout', 'connectTimeoutMs', {
      ...both,
      syntax: 'proxy_connect_timeout time;',
      default: 'that of timeout',
      summary: 'How long it may take to connect to a backend and to get its greeting.',
    }),
    flagSlot('proxy_next_upstream', 'nextUpstream', {
      ...both,
      syntax: 'proxy_next_upstream on | off;',
      default: 'on',
      summary: 'Asks another backend where one cannot be reached or turns sessions away with its greeting.',
    }),
    numSlot('proxy_next_upstream_tries', 'nextTries', {
      ...both,
      syntax: 'proxy_next_upstream_tries number;',
      default: '0',
      summary: 'How many backends are asked for a session; 0 is as many as there are.',
    }),
    msecSlot('proxy_next_upstream_timeout', 'nextTimeoutMs', {
      ...both,
      syntax: 'proxy_next_upstream_timeout time;',
      default: '0',
      summary: 'How long after the first one another backend is asked for a session; 0: always.',
    }),
    bindDirective('proxy_bind', both.contexts, MAIL_SCRIPT),
    flagSlot('proxy_socket_keepalive', 'socketKeepalive', {
      ...both,
      syntax: 'proxy_socket_keepalive on | off;',
      default: 'off',
      summary: 'The system probes connections to backends.',
    }),
  ],
  mergeSrvConf,
});

function mergeSrvConf(prev: Readonly<BackendRaw>, conf: Readonly<BackendRaw>, cx: MergeContext): BackendConf {
  const pass = conf.pass ?? prev.pass;
  if (cx.store.get(authHttpModule.srv) === undefined) checkPassThrough(pass, cx);
  const connectTimeoutMs = conf.connectTimeoutMs ?? prev.connectTimeoutMs;
  const bind = conf.bind ?? prev.bind;
  return {
    pass,
    connectTimeoutMs: connectTimeoutMs === undefined ? undefined : Math.max(1, connectTimeoutMs),
    next: {
      on: conf.nextUpstream ?? prev.nextUpstream ?? true,
      tries: conf.nextTries ?? prev.nextTries ?? 0,
      timeoutMs: conf.nextTimeoutMs ?? prev.nextTimeoutMs ?? 0,
    },
    bind: bind === 'off' ? undefined : bind,
    socketKeepalive: conf.socketKeepalive ?? prev.socketKeepalive ?? false,
  };
}

/** Without an auth server the backend has to be known, and has to look at a password. @throws ConfError */
function checkPassThrough(pass: PassTarget | undefined, cx: MergeContext): void {
  const refuse = (why: string): never => {
    throw new ConfError(`"auth_http off" ${why} for server${at(cx.server)}`);
  };
  if (pass === undefined) refuse('requires "proxy_pass"');
  const { name } = cx.store.get(coreModule.srv).protocol;
  const auth = cx.store.get(proxyModule.srv).auth[name];
  if (auth === 'none') refuse('requires "proxy_smtp_auth on"');
  if (auth === 'external') refuse(`does not allow "proxy_${name}_auth external"`);
}
