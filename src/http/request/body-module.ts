// Bodies of requests: how much of one is kept in memory, and where the rest goes.
import { args, type ByteString, Fault } from '../../conf/directive.ts';
import { enumSlot, flagSlot, sizeSlot, slot } from '../../conf/slots.ts';
import type { Store } from '../../conf/store.ts';
import { parseNumber } from '../../conf/values.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { defineHttpModule } from '../define.ts';
import { HTTP_BLOCK } from '../main-conf.ts';
import type { FolderSpec } from './temporary-folder.ts';

interface LocRaw {
  bufferSize: number | undefined;
  temporary: FolderSpec | undefined;
  inSingleBuffer: boolean | undefined;
  inFileOnly: 'off' | 'on' | 'clean' | undefined;
}

export interface RequestBodyLoc {
  /** Bytes of a body that are kept in memory. */
  readonly bufferSize: number;
  /** undefined: where the command has them by default. */
  readonly temporary: FolderSpec | undefined;
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const MAX_LEVELS = 3;

const temporaryPath = slot<'temporary', FolderSpec>(
  'client_body_temp_path',
  'temporary',
  args(1, 1 + MAX_LEVELS),
  {
    ...all,
    syntax: 'client_body_temp_path path [level1 [level2 [level3]]];',
    default: 'client_body_temp',
    summary: 'The folder for bodies that are too large for memory, and how many digits of their names are folders.',
  },
  ([path = '', ...words], cf) => {
    const levels = words.map((word) => parseNumber(word) ?? 0);
    return levels.includes(0) ? new Fault('invalid value') : { path: withoutSlash(cf.prefixPath(path)), levels };
  },
);

const withoutSlash = (path: ByteString): ByteString => path.replace(/(?<=.)\/$/, '');

export const requestBodyModule = defineHttpModule({
  name: 'request body',
  loc: {
    create: (): LocRaw => ({
      bufferSize: undefined,
      temporary: undefined,
      inSingleBuffer: undefined,
      inFileOnly: undefined,
    }),
    directives: [
      sizeSlot('client_body_buffer_size', 'bufferSize', {
        ...all,
        syntax: 'client_body_buffer_size size;',
        default: '16k',
        summary: 'How much of the body of a request is kept in memory; a larger one goes to a temporary file.',
      }),
      temporaryPath,
      flagSlot('client_body_in_single_buffer', 'inSingleBuffer', {
        ...all,
        syntax: 'client_body_in_single_buffer on | off;',
        default: 'off',
        summary: 'Whether a body is one piece of memory.',
        noEffect: 'a body in memory always is',
      }),
      enumSlot(
        'client_body_in_file_only',
        'inFileOnly',
        { off: 'off', on: 'on', clean: 'clean' },
        {
          ...all,
          syntax: 'client_body_in_file_only off | on | clean;',
          default: 'off',
          summary: 'Whether every body goes to a file.',
          noEffect: 'temporary files have no names that others could open',
        },
      ),
    ],
    merge: (prev: RequestBodyLoc | undefined, raw): RequestBodyLoc => ({
      bufferSize: raw.bufferSize ?? prev?.bufferSize ?? 4 * PAGE_SIZE,
      temporary: raw.temporary ?? prev?.temporary,
    }),
  },
});

/** The folders that have to be there before requests come. @param usual where bodies go by default */
export const bodyFolders = (store: Store, usual: ByteString): readonly ByteString[] => [
  ...new Set(store.get(HTTP_BLOCK).stores.map((level) => level.get(requestBodyModule.loc).temporary?.path ?? usual)),
];
