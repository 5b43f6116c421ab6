// Content types by the extension of a URI: types and default_type.
import { type ByteString, block, type Directive } from '../../conf/directive.ts';
import { numSlot, stringSlot } from '../../conf/slots.ts';
import { lower } from '../../conf/values.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';

type Types = ReadonlyMap<ByteString, ByteString>;

interface LocRaw {
  types: Map<ByteString, ByteString> | undefined;
  defaultType: ByteString | undefined;
  typesHashMaxSize: number | undefined;
  typesHashBucketSize: number | undefined;
}

interface MimeLoc {
  /** By extension, in lower case. */
  readonly types: Types;
  /** Empty: none. */
  readonly defaultType: ByteString;
}

const BUILT_IN: Types = new Map([
  ['html', 'text/html'],
  ['gif', 'image/gif'],
  ['jpg', 'image/jpeg'],
]);

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;

const types: Directive<LocRaw> = {
  name: 'types',
  ...all,
  arity: block,
  doc: {
    syntax: 'types { ... }',
    default: 'text/html html, image/gif gif, image/jpeg jpg',
    summary:
      'Content types, each with the extensions that stand for it. An own list takes the place of the one of the level above.',
  },
  set: (cf, _values, conf) => {
    const known = conf.types ?? new Map<ByteString, ByteString>();
    conf.types = known;
    cf.entries((entry, [type = '', ...extensions]) => {
      for (const text of extensions) {
        const extension = lower(text);
        const previous = known.get(extension);
        if (previous !== undefined) {
          entry.warn(
            `duplicate extension "${extension}", content type: "${type}", previous content type: "${previous}"`,
          );
        }
        known.set(extension, type);
      }
      return undefined;
    });
    return undefined;
  },
};

const noEffect = 'it tunes the hash tables of nginx';

export const mimeModule = defineHttpModule({
  name: 'mime',
  loc: {
    create: (): LocRaw => ({
      types: undefined,
      defaultType: undefined,
      typesHashMaxSize: undefined,
      typesHashBucketSize: undefined,
    }),
    directives: [
      types,
      stringSlot('default_type', 'defaultType', {
        ...all,
        syntax: 'default_type mime-type;',
        default: 'text/plain',
        summary: 'The content type where the extension tells none; an empty one sends no Content-Type.',
      }),
      numSlot('types_hash_max_size', 'typesHashMaxSize', {
        ...all,
        syntax: 'types_hash_max_size number;',
        default: '1024',
        summary: 'The size of the table of content types.',
        noEffect,
      }),
      numSlot('types_hash_bucket_size', 'typesHashBucketSize', {
        ...all,
        syntax: 'types_hash_bucket_size number;',
        default: '64',
        summary: 'The size of a bucket of the table of content types.',
        noEffect,
      }),
    ],
    merge: (prev: MimeLoc | undefined, raw): MimeLoc => ({
      types: raw.types ?? prev?.types ?? BUILT_IN,
      defaultType: raw.defaultType ?? prev?.defaultType ?? 'text/plain',
    }),
  },
});

/** What follows the last dot of the last segment; a name that begins with its only dot has no extension. */
const EXTENSION = /[^/]\.([^./]*)$/;

/** The Content-Type for the URI that a request has come to; empty: none is sent. */
export function contentTypeOf(request: HttpRequest): ByteString {
  const { types: known, defaultType } = request.conf(mimeModule.loc);
  const extension = EXTENSION.exec(request.uri)?.[1];
  return (extension === undefined ? undefined : known.get(lower(extension))) ?? defaultType;
}
