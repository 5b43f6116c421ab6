// The notice about directives of a configuration that are accepted and have no effect here.
import type { ByteString } from '../conf/directive.ts';

/** @param noEffect names, and why @returns undefined where there is nothing to say */
export function noEffectNotice(noEffect: ReadonlyMap<string, string>): ByteString | undefined {
  if (noEffect.size === 0) return undefined;
  return `accepted without effect: ${[...noEffect].map(([name, why]) => `"${name}" (${why})`).join(', ')}`;
}
