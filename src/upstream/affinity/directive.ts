// The affinity directive of an upstream block.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../../conf/directive.ts';
import { parseMsec, parseSize } from '../../conf/values.ts';
import { sharedZonesModule } from '../../core/shared-zones.ts';
import type { ScriptBlock } from '../../script/script-block.ts';
import type { Subject } from '../../script/subject.ts';
import { compileValue, type Value } from '../../script/value.ts';
import { peerZonesModule } from '../peer-zones-module.ts';
import type { AffinityRules } from './table.ts';
import type { AffinityZone } from './zone.ts';

/** What keeps users on their servers. */
export interface Affinity<S extends Subject> {
  readonly key: Value<S>;
  readonly zone: AffinityZone;
  readonly rules: AffinityRules;
}

export interface HasAffinity<S extends Subject> {
  affinity: Affinity<S> | undefined;
}

const TIMEOUT_MS = 900_000;
/** Eight pages. */
const LEAST_BYTES = 8 * 4096;

export const affinityDirective = <S extends Subject>(
  context: ContextName,
  { variables }: Pick<ScriptBlock<S>, 'variables'>,
): Directive<HasAffinity<S>> => ({
  name: 'affinity',
  contexts: [context],
  arity: args(2, 3),
  doc: {
    syntax: 'affinity key zone=name:size [timeout=time];',
    default: 'timeout=15m',
    summary: 'Sessions with the same key go to the same server while one of them lives, and for the time after it.',
    values: ['zone=', 'timeout='],
  },
  set: (cf, [text = '', ...words], conf) => {
    if (conf.affinity !== undefined) return new Fault('is duplicate');
    const key = compileValue(text, cf.store.get(variables));
    if (key instanceof Fault) return key;
    let named: { readonly name: ByteString; readonly bytes: number } | undefined;
    let timeoutMs = TIMEOUT_MS;
    for (const word of words) {
      const [, name, value = ''] = /^(zone|timeout)=(.*)$/s.exec(word) ?? [];
      const zone = name === 'zone' ? parseZone(value) : undefined;
      const time = name === 'timeout' ? parseMsec(value) : undefined;
      if (zone === undefined && time === undefined) return whole(`invalid parameter "${word}"`);
      named = zone ?? named;
      timeoutMs = time ?? timeoutMs;
    }
    if (named === undefined) return whole('"affinity" requires a "zone"');
    if (named.bytes < LEAST_BYTES) return whole(`zone "${named.name}" is too small`);
    const fault = cf.store.get(sharedZonesModule.raw).declare(named.name, named.bytes, 'affinity');
    if (fault !== undefined) return fault;
    const zone = cf.store.get(peerZonesModule.raw).affinity(named.name, named.bytes);
    conf.affinity = { key, zone, rules: zone.rules(timeoutMs) };
    return undefined;
  },
});

function parseZone(text: ByteString): { readonly name: ByteString; readonly bytes: number } | undefined {
  const [, name, size = ''] = /^([^:]+):(.*)$/s.exec(text) ?? [];
  const bytes = parseSize(size);
  return name === undefined || bytes === undefined ? undefined : { name, bytes };
}
