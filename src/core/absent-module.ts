// Directives of the main context that nginx has and Postern has not: they say so, or have no effect.
import { args } from '../conf/directive.ts';
import { flagSlot } from '../conf/slots.ts';
import { defineCoreModule } from '../module/core-module.ts';

interface AbsentRaw {
  quicBpf: boolean | undefined;
}

const main = { contexts: ['main'] } as const;
const STREAM = 'Proxies of plain TCP and UDP';
const CODE = 'Native modules of JavaScript code';

export const absentModule = defineCoreModule({
  name: 'absent',
  createConf: (): AbsentRaw => ({ quicBpf: undefined }),
  initConf: () => undefined,
  directives: [
    {
      name: 'stream',
      ...main,
      arity: { kind: 'block', min: 0, max: 0 },
      doc: { syntax: 'stream { ... }', summary: `${STREAM}.`, group: STREAM, notImplemented: 'at all' },
      set: () => undefined,
    },
    {
      name: 'js_load_http_native_module',
      ...main,
      arity: args(1, Number.POSITIVE_INFINITY),
      doc: {
        syntax: 'js_load_http_native_module path ...;',
        summary: `${CODE}.`,
        group: CODE,
        notImplemented: 'at all',
      },
      set: () => undefined,
    },
    flagSlot('quic_bpf', 'quicBpf', {
      ...main,
      syntax: 'quic_bpf on | off;',
      default: 'off',
      summary: 'Whether the kernel hands packets of QUIC to the workers that they are for.',
      noEffect: 'QUIC is not spoken',
    }),
  ],
});
