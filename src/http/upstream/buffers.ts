// Buffers of proxy_… and fastcgi_…: their sizes are checked as nginx does. Only that of the head counts here.
import {
  args,
  ConfError,
  type ContextName,
  type Directive,
  type Doc,
  Fault,
  type Position,
} from '../../conf/directive.ts';
import { flagSlot, sizeSlot } from '../../conf/slots.ts';
import { parseNumber, parseSize } from '../../conf/values.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';

export interface BuffersRaw {
  bufferSize: number | undefined;
  buffering: boolean | undefined;
  requestBuffering: boolean | undefined;
  buffers: { readonly count: number; readonly size: number } | undefined;
  busySize: number | undefined;
  tempWriteSize: number | undefined;
  maxTempSize: number | undefined;
}

export const NO_BUFFERS: BuffersRaw = {
  bufferSize: undefined,
  buffering: undefined,
  requestBuffering: undefined,
  buffers: undefined,
  busySize: undefined,
  tempWriteSize: undefined,
  maxTempSize: undefined,
};

const STREAMED = 'an answer is passed on as it comes, and is not stored';

export function bufferDirectives(prefix: string, contexts: readonly ContextName[]): Directive<BuffersRaw>[] {
  const name = (rest: string): string => `${prefix}_${rest}`;
  const meta = (syntax: string, doc: Omit<Doc, 'syntax'>) => ({ contexts, syntax: `${prefix}_${syntax};`, ...doc });
  const ignored = (syntax: string, summary: string, value?: string) =>
    meta(syntax, { summary, noEffect: STREAMED, ...(value === undefined ? {} : { default: value }) });
  return [
    sizeSlot(
      name('buffer_size'),
      'bufferSize',
      meta('buffer_size size', { default: '4k', summary: 'The largest head of an answer.' }),
    ),
    flagSlot(name('buffering'), 'buffering', ignored('buffering on | off', 'Whether answers are stored first.', 'on')),
    flagSlot(
      name('request_buffering'),
      'requestBuffering',
      meta('request_buffering on | off', {
        default: 'on',
        summary: 'Whether the body of a request is read before a server is asked.',
        noEffect: 'a body is always read first',
      }),
    ),
    {
      name: name('buffers'),
      contexts,
      arity: args(2),
      doc: {
        syntax: `${prefix}_buffers number size;`,
        default: '8 4k',
        summary: 'Memory for an answer.',
        noEffect: STREAMED,
      },
      set: (_cf, [countText = '', sizeText = ''], conf) => {
        if (conf.buffers !== undefined) return new Fault('is duplicate');
        const count = parseNumber(countText);
        const size = parseSize(sizeText);
        if (count === undefined || count === 0 || size === undefined || size === 0) return new Fault('invalid value');
        conf.buffers = { count, size };
        return undefined;
      },
    },
    sizeSlot(
      name('busy_buffers_size'),
      'busySize',
      ignored('busy_buffers_size size', 'Memory under way to a client.', '8k'),
    ),
    sizeSlot(
      name('temp_file_write_size'),
      'tempWriteSize',
      ignored('temp_file_write_size size', 'How much is written to a temporary file at a time.', '8k'),
    ),
    sizeSlot(
      name('max_temp_file_size'),
      'maxTempSize',
      ignored('max_temp_file_size size', 'The largest temporary file.', '1024m'),
    ),
  ];
}

/** @throws ConfError */
export function mergeBuffers(
  prefix: string,
  prev: Readonly<BuffersRaw> | undefined,
  raw: Readonly<BuffersRaw>,
  position: Position,
): BuffersRaw {
  const conf: BuffersRaw = {
    bufferSize: raw.bufferSize ?? prev?.bufferSize,
    buffering: raw.buffering ?? prev?.buffering,
    requestBuffering: raw.requestBuffering ?? prev?.requestBuffering,
    buffers: raw.buffers ?? prev?.buffers,
    busySize: raw.busySize ?? prev?.busySize,
    tempWriteSize: raw.tempWriteSize ?? prev?.tempWriteSize,
    maxTempSize: raw.maxTempSize ?? prev?.maxTempSize,
  };
  const refuse = (text: string): never => {
    throw new ConfError(text, position);
  };
  const { count, size } = conf.buffers ?? { count: 8, size: PAGE_SIZE };
  const largest = Math.max(conf.bufferSize ?? PAGE_SIZE, size);
  const atLeast = `must be equal to or greater than the maximum of the value of "${prefix}_buffer_size" and one of the "${prefix}_buffers"`;
  if (count < 2) refuse(`there must be at least 2 "${prefix}_buffers"`);
  const busy = conf.busySize ?? 2 * largest;
  if (busy < largest) refuse(`"${prefix}_busy_buffers_size" ${atLeast}`);
  if (busy > (count - 1) * size) {
    refuse(`"${prefix}_busy_buffers_size" must be less than the size of all "${prefix}_buffers" minus one buffer`);
  }
  if ((conf.tempWriteSize ?? largest) < largest) refuse(`"${prefix}_temp_file_write_size" ${atLeast}`);
  const maxTemp = conf.maxTempSize ?? 0;
  if (maxTemp !== 0 && maxTemp < largest) {
    refuse(`"${prefix}_max_temp_file_size" must be equal to zero to disable temporary files usage or ${atLeast}`);
  }
  return conf;
}
