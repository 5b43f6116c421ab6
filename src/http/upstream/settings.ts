// What proxy_… and fastcgi_… directives have in common: time limits, the next peer, header lines, errors.
import type { ByteString, ContextName, Directive, Doc, Position } from '../../conf/directive.ts';
import { bitmaskSlot, flagSlot, listSlot, msecSlot, numSlot } from '../../conf/slots.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { bindDirective, type HasBind } from '../../upstream/bind.ts';
import type { NextOn, NextRules } from '../../upstream/next-upstream.ts';
import { HTTP_SCRIPT } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import { IGNORABLE, type Ignorable } from './answer.ts';
import type { UpstreamTimeouts } from './attempt.ts';
import { type BuffersRaw, bufferDirectives, mergeBuffers, NO_BUFFERS } from './buffers.ts';

export interface SettingsRaw extends BuffersRaw, HasBind<HttpRequest> {
  connectTimeoutMs: number | undefined;
  sendTimeoutMs: number | undefined;
  readTimeoutMs: number | undefined;
  nextOn: Set<NextOn> | undefined;
  nextTries: number | undefined;
  nextTimeoutMs: number | undefined;
  interceptErrors: boolean | undefined;
  ignoreClientAbort: boolean | undefined;
  hideHeaders: ByteString[] | undefined;
  passHeaders: ByteString[] | undefined;
  ignoreHeaders: Set<Ignorable> | undefined;
  passRequestHeaders: boolean | undefined;
  passRequestBody: boolean | undefined;
  socketKeepalive: boolean | undefined;
}

export const NO_SETTINGS: SettingsRaw = {
  ...NO_BUFFERS,
  bind: undefined,
  connectTimeoutMs: undefined,
  sendTimeoutMs: undefined,
  readTimeoutMs: undefined,
  nextOn: undefined,
  nextTries: undefined,
  nextTimeoutMs: undefined,
  interceptErrors: undefined,
  ignoreClientAbort: undefined,
  hideHeaders: undefined,
  passHeaders: undefined,
  ignoreHeaders: undefined,
  passRequestHeaders: undefined,
  passRequestBody: undefined,
  socketKeepalive: undefined,
};

export interface UpstreamSettings {
  /** Of this level and those above it. */
  readonly raw: Readonly<SettingsRaw>;
  readonly timeouts: UpstreamTimeouts;
  /** Bytes of the head of an answer. */
  readonly maxHeadBytes: number;
  readonly next: NextRules;
  readonly interceptErrors: boolean;
  readonly ignoreClientAbort: boolean;
  readonly hideHeaders: readonly ByteString[];
  readonly passHeaders: readonly ByteString[];
  readonly ignoreHeaders: ReadonlySet<Ignorable>;
  readonly passRequestHeaders: boolean;
  readonly passRequestBody: boolean;
  readonly bind: HttpValue | undefined;
  readonly socketKeepalive: boolean;
}

const TIMEOUT_MS = 60_000;

const words = <W extends string>(list: readonly W[]): Record<string, W> =>
  Object.fromEntries(list.map((word) => [word, word]));

/** @param nextOn the words of `…_next_upstream` */
export function settingsDirectives(
  prefix: string,
  contexts: readonly ContextName[],
  nextOn: readonly NextOn[],
): Directive<SettingsRaw>[] {
  const name = (rest: string): string => `${prefix}_${rest}`;
  const meta = (
    syntax: string,
    value: string | undefined,
    summary: string,
  ): { contexts: readonly ContextName[] } & Doc => ({
    contexts,
    syntax: `${prefix}_${syntax};`,
    ...(value === undefined ? {} : { default: value }),
    summary,
  });
  return [
    msecSlot(
      name('connect_timeout'),
      'connectTimeoutMs',
      meta('connect_timeout time', '60s', 'How long connecting to a server may take.'),
    ),
    msecSlot(
      name('send_timeout'),
      'sendTimeoutMs',
      meta('send_timeout time', '60s', 'How long a server may take nothing of a request.'),
    ),
    msecSlot(
      name('read_timeout'),
      'readTimeoutMs',
      meta('read_timeout time', '60s', 'How long a server may send nothing of an answer.'),
    ),
    bitmaskSlot(
      name('next_upstream'),
      'nextOn',
      words(nextOn),
      meta('next_upstream condition ...', 'error timeout', 'After which failures and answers another server is asked.'),
    ),
    numSlot(
      name('next_upstream_tries'),
      'nextTries',
      meta('next_upstream_tries number', '0', 'How many servers are asked; 0 is without limit.'),
    ),
    msecSlot(
      name('next_upstream_timeout'),
      'nextTimeoutMs',
      meta('next_upstream_timeout time', '0', 'How long after the first one another server is asked; 0: always.'),
    ),
    flagSlot(
      name('intercept_errors'),
      'interceptErrors',
      meta('intercept_errors on | off', 'off', 'Error pages of ours take the place of those of a server.'),
    ),
    flagSlot(
      name('ignore_client_abort'),
      'ignoreClientAbort',
      meta('ignore_client_abort on | off', 'off', 'The request goes on when its client has gone away.'),
    ),
    listSlot(
      name('hide_header'),
      'hideHeaders',
      meta('hide_header name', undefined, 'A header that clients do not get.'),
    ),
    listSlot(
      name('pass_header'),
      'passHeaders',
      meta('pass_header name', undefined, 'A header that clients get though it is usually hidden.'),
    ),
    bitmaskSlot(
      name('ignore_headers'),
      'ignoreHeaders',
      words(IGNORABLE),
      meta('ignore_headers name ...', undefined, 'Headers of answers that are not to mean anything here.'),
    ),
    flagSlot(
      name('pass_request_headers'),
      'passRequestHeaders',
      meta('pass_request_headers on | off', 'on', "Whether a server gets the client's headers."),
    ),
    flagSlot(
      name('pass_request_body'),
      'passRequestBody',
      meta('pass_request_body on | off', 'on', "Whether a server gets the client's body."),
    ),
    flagSlot(
      name('socket_keepalive'),
      'socketKeepalive',
      meta('socket_keepalive on | off', 'off', 'The system probes connections to servers.'),
    ),
    bindDirective(name('bind'), contexts, HTTP_SCRIPT),
    ...bufferDirectives(prefix, contexts),
  ];
}

/** @throws ConfError */
export function mergeSettings(
  prefix: string,
  prev: UpstreamSettings | undefined,
  own: Readonly<SettingsRaw>,
  position: Position,
): UpstreamSettings {
  const above = prev?.raw ?? NO_SETTINGS;
  const raw: SettingsRaw = {
    ...mergeBuffers(prefix, above, own, position),
    bind: own.bind ?? above.bind,
    connectTimeoutMs: own.connectTimeoutMs ?? above.connectTimeoutMs,
    sendTimeoutMs: own.sendTimeoutMs ?? above.sendTimeoutMs,
    readTimeoutMs: own.readTimeoutMs ?? above.readTimeoutMs,
    nextOn: own.nextOn ?? above.nextOn,
    nextTries: own.nextTries ?? above.nextTries,
    nextTimeoutMs: own.nextTimeoutMs ?? above.nextTimeoutMs,
    interceptErrors: own.interceptErrors ?? above.interceptErrors,
    ignoreClientAbort: own.ignoreClientAbort ?? above.ignoreClientAbort,
    hideHeaders: own.hideHeaders ?? above.hideHeaders,
    passHeaders: own.passHeaders ?? above.passHeaders,
    ignoreHeaders: own.ignoreHeaders ?? above.ignoreHeaders,
    passRequestHeaders: own.passRequestHeaders ?? above.passRequestHeaders,
    passRequestBody: own.passRequestBody ?? above.passRequestBody,
    socketKeepalive: own.socketKeepalive ?? above.socketKeepalive,
  };
  return {
    raw,
    timeouts: {
      connectMs: raw.connectTimeoutMs ?? TIMEOUT_MS,
      sendMs: raw.sendTimeoutMs ?? TIMEOUT_MS,
      readMs: raw.readTimeoutMs ?? TIMEOUT_MS,
    },
    maxHeadBytes: raw.bufferSize ?? PAGE_SIZE,
    next: {
      on: raw.nextOn ?? new Set<NextOn>(['error', 'timeout']),
      tries: raw.nextTries ?? 0,
      timeoutMs: raw.nextTimeoutMs ?? 0,
    },
    interceptErrors: raw.interceptErrors ?? false,
    ignoreClientAbort: raw.ignoreClientAbort ?? false,
    hideHeaders: raw.hideHeaders ?? [],
    passHeaders: raw.passHeaders ?? [],
    ignoreHeaders: raw.ignoreHeaders ?? new Set(),
    passRequestHeaders: raw.passRequestHeaders ?? true,
    passRequestBody: raw.passRequestBody ?? true,
    bind: raw.bind === 'off' ? undefined : raw.bind,
    socketKeepalive: raw.socketKeepalive ?? false,
  };
}
