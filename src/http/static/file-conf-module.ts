// How files are served: conditions, ranges, what is logged; and what tunes only the way in which nginx reads files.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { enumSlot, flagSlot, numSlot } from '../../conf/slots.ts';
import { defineHttpModule } from '../define.ts';

interface LocRaw {
  etag: boolean | undefined;
  ifModifiedSince: 'off' | 'exact' | 'before' | undefined;
  maxRanges: number | undefined;
  logNotFound: boolean | undefined;
  autoindex: boolean | undefined;
  disableSymlinks: 'off' | undefined;
}

export interface FileConf {
  readonly etag: boolean;
  /** Which times count as those of the file: none, its own, or also later ones. */
  readonly ifModifiedSince: 'off' | 'exact' | 'before';
  readonly maxRanges: number;
  readonly logNotFound: boolean;
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;

const disableSymlinks: Directive<LocRaw> = {
  name: 'disable_symlinks',
  ...all,
  arity: args(1, 2),
  doc: {
    syntax: 'disable_symlinks off;',
    default: 'off',
    summary: 'Whether symbolic links are refused. Only "off" is there: Node.js opens no file relative to a folder.',
    values: ['off'],
  },
  set: (_cf, words, conf) => {
    if (conf.disableSymlinks !== undefined) return new Fault('is duplicate');
    const odd = words.find((word) => !/^(off|on|if_not_owner|from=.*)$/s.test(word));
    if (odd !== undefined) return whole(`invalid parameter "${odd}"`);
    const modes = words.filter((word) => !word.startsWith('from='));
    if (modes.length === 0) return whole('"disable_symlinks" must have "off", "on" or "if_not_owner" parameter');
    if (modes.at(-1) !== 'off') return notThere('disable_symlinks', modes.at(-1) ?? '');
    if (words.length > modes.length) return whole('"from=" cannot be used with "off" parameter');
    conf.disableSymlinks = 'off';
    return undefined;
  },
};

/** A configuration that counts on it must not seem to work. */
const notThere = (directive: string, value: ByteString): Fault =>
  whole(`"${directive} ${value}" is not implemented in Postern`);

const autoindex = flagSlot('autoindex', 'autoindex', {
  ...all,
  syntax: 'autoindex on | off;',
  default: 'off',
  summary: 'Whether a folder without an index file is answered with a list of its files. Only "off" is there.',
});

export const fileConfModule = defineHttpModule({
  name: 'files',
  loc: {
    create: (): LocRaw => ({
      etag: undefined,
      ifModifiedSince: undefined,
      maxRanges: undefined,
      logNotFound: undefined,
      autoindex: undefined,
      disableSymlinks: undefined,
    }),
    directives: [
      flagSlot('etag', 'etag', {
        ...all,
        syntax: 'etag on | off;',
        default: 'on',
        summary: 'Whether files get an ETag, made of their time and size.',
      }),
      enumSlot(
        'if_modified_since',
        'ifModifiedSince',
        { off: 'off', exact: 'exact', before: 'before' },
        {
          ...all,
          syntax: 'if_modified_since off | exact | before;',
          default: 'exact',
          summary: 'Which times in a request mean that the client has the file: none, its own, or later ones as well.',
        },
      ),
      numSlot('max_ranges', 'maxRanges', {
        ...all,
        syntax: 'max_ranges number;',
        default: 'unlimited',
        summary: 'How many parts of a file one request may ask for; 0 for none at all.',
      }),
      flagSlot('log_not_found', 'logNotFound', {
        ...all,
        syntax: 'log_not_found on | off;',
        default: 'on',
        summary: 'Whether files that are not there are logged.',
      }),
      {
        ...autoindex,
        set: (cf, words, conf: LocRaw) => {
          const fault = autoindex.set(cf, words, conf);
          return fault ?? (conf.autoindex === true ? notThere('autoindex', 'on') : undefined);
        },
      },
      disableSymlinks,
    ],
    merge: (prev: FileConf | undefined, raw): FileConf => ({
      etag: raw.etag ?? prev?.etag ?? true,
      ifModifiedSince: raw.ifModifiedSince ?? prev?.ifModifiedSince ?? 'exact',
      maxRanges: raw.maxRanges ?? prev?.maxRanges ?? Number.POSITIVE_INFINITY,
      logNotFound: raw.logNotFound ?? prev?.logNotFound ?? true,
    }),
  },
});
