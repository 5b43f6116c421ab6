// Where upstream blocks stand, and what values in them are taken of.
import type { ByteString } from '../conf/directive.ts';
import type { ScriptBlock } from '../script/script-block.ts';
import type { Subject } from '../script/subject.ts';

export interface UpstreamContext<S extends Subject> extends ScriptBlock<S> {
  /** The address of a subject's client; undefined on a unix socket. */
  readonly clientOf: (subject: S) => string | undefined;
  /** Of a `server` line that names none. */
  readonly port: {
    readonly number: number;
    /** For the documentation. */
    readonly summary: string;
  };
  /** What zones of such upstreams are for: others may not have them for theirs. */
  readonly zoneUse: ByteString;
}
