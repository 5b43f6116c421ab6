// The structs of the fastcgi module, and how a location's is made of its own directives and those above it.
import type { ByteString } from '../../conf/directive.ts';
import type { HasOnce } from '../absent/group.ts';
import type { MergeContext } from '../define.ts';
import type { HttpValue } from '../script/script.ts';
import { LOCATION_BLOCK } from '../servers/location.ts';
import { type AnswerRules, hiddenFields } from '../upstream/answer.ts';
import type { HttpReference } from '../upstream/context.ts';
import { interceptor } from '../upstream/intercept.ts';
import { mergeSettings, NO_SETTINGS, type SettingsRaw, type UpstreamSettings } from '../upstream/settings.ts';
import type { HasParameters, OwnParameter } from './parameters.ts';
import type { HasSplit, ScriptRules } from './script.ts';

export interface FastcgiRaw extends SettingsRaw, HasOnce, HasParameters, HasSplit {
  target: HttpReference | HttpValue | undefined;
  index: ByteString | undefined;
  keepConn: boolean | undefined;
  catches: ByteString[] | undefined;
}

export const NO_FASTCGI: FastcgiRaw = {
  ...NO_SETTINGS,
  once: undefined,
  parameters: undefined,
  split: undefined,
  target: undefined,
  index: undefined,
  keepConn: undefined,
  catches: undefined,
};

export interface FastcgiConf {
  readonly settings: UpstreamSettings;
  readonly target: HttpReference | HttpValue | undefined;
  readonly parameters: readonly OwnParameter[];
  readonly keepConn: boolean;
  /** In the error output: the answer is not to be used. */
  readonly catches: readonly ByteString[];
  readonly script: ScriptRules;
  readonly answer: AnswerRules;
}

/** What clients do not get besides X-Accel-… */
const HIDDEN = ['status'];

/** @throws ConfError */
export function mergeFastcgi(prev: FastcgiConf | undefined, raw: Readonly<FastcgiRaw>, cx: MergeContext): FastcgiConf {
  const settings = mergeSettings('fastcgi', prev?.settings, raw, cx.position);
  // An if within a location passes on where the location does.
  const isBranch = cx.store.has(LOCATION_BLOCK) && cx.store.get(LOCATION_BLOCK).match.kind === 'nameless';
  return {
    settings,
    target: raw.target ?? (isBranch ? prev?.target : undefined),
    parameters: raw.parameters ?? prev?.parameters ?? [],
    keepConn: raw.keepConn ?? prev?.keepConn ?? false,
    catches: raw.catches ?? prev?.catches ?? [],
    script: { index: raw.index ?? prev?.script.index ?? '', split: raw.split ?? prev?.script.split },
    answer: {
      hidden: hiddenFields(HIDDEN, settings.passHeaders, settings.hideHeaders),
      ignored: settings.ignoreHeaders,
      intercepts: interceptor(settings),
      rewriteLocation: unchanged,
      rewriteRefresh: unchanged,
      rewriteCookie: unchanged,
    },
  };
}

const unchanged = (): undefined => undefined;
