// The zone directive of an upstream block: checked as nginx does.
import { args, type ByteString, ConfError, type Directive, whole } from '../conf/directive.ts';
import { parseSize } from '../conf/values.ts';
import { type SharedZones, sharedZonesModule } from '../core/shared-zones.ts';
import type { Subject } from '../script/subject.ts';
import type { UpstreamContext } from './context.ts';

export interface HasZone {
  zone: { readonly name: ByteString; readonly bytes: number } | undefined;
}

/** Eight pages. */
const LEAST_BYTES = 8 * 4096;

export const zoneDirective = <S extends Subject>(block: UpstreamContext<S>): Directive<HasZone> => ({
  name: 'zone',
  contexts: [block.context],
  arity: args(1, 2),
  doc: {
    syntax: 'zone name [size];',
    summary: 'Workers share what they know of the servers: how much each has to do, and which have failed.',
  },
  set: (cf, [name = '', size], conf) => {
    if (name === '') return whole(`invalid zone name "${name}"`);
    const bytes = size === undefined ? 0 : parseSize(size);
    if (bytes === undefined) return whole(`invalid zone size "${size}"`);
    if (size !== undefined && bytes < LEAST_BYTES) return whole(`zone "${name}" is too small`);
    conf.zone = { name, bytes };
    return cf.store.get(sharedZonesModule.raw).declare(name, bytes, block.zoneUse);
  },
});

/** A zone needs a size somewhere. @throws ConfError */
export function checkZones({ withoutSize }: SharedZones): void {
  if (withoutSize !== undefined) throw new ConfError(`zero size shared memory zone "${withoutSize}"`);
}
