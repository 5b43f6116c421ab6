// root and alias: the file that a URI stands for.
import { realpathSync } from 'node:fs';
import { args, type ByteString, type ConfCursor, Fault, whole } from '../../conf/directive.ts';
import { Key, type Store } from '../../conf/store.ts';
import { errnoNumber, errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import { LOCATION_BLOCK } from '../servers/location.ts';

export interface Root {
  /** `whole`: the path is that of the file; `replaces`: it takes the place of the location's prefix. */
  readonly kind: 'root' | 'replaces' | 'whole';
  readonly path: HttpValue;
  /** What `replaces` takes off the URI. */
  readonly location: ByteString;
}

interface LocRaw {
  root: Root | undefined;
}

interface RootLoc {
  readonly root: Root;
  /** What relative paths with variables start from. */
  readonly prefix: ByteString;
}

const ITSELF = /\$\{?(document_root|realpath_root)\b/;

function parsePath(cf: ConfCursor, conf: LocRaw, directive: 'root' | 'alias', text: ByteString): HttpValue | Fault {
  if (conf.root !== undefined) {
    const other = conf.root.kind === 'root' ? 'root' : 'alias';
    return new Fault(other === directive ? 'is duplicate' : `is duplicate, "${other}" directive was specified earlier`);
  }
  const itself = ITSELF.exec(text)?.[1];
  if (itself !== undefined) {
    return whole(`the $${itself} variable cannot be used in the "${directive}" directive`);
  }
  const plain = directive === 'root' && text.endsWith('/') ? text.slice(0, -1) : text;
  return compileValue(text.includes('$') || plain === '' ? plain : cf.prefixPath(plain), cf.store.get(VARIABLES));
}

export const rootModule = defineHttpModule({
  name: 'root',
  loc: {
    create: (): LocRaw => ({ root: undefined }),
    directives: [
      {
        name: 'root',
        contexts: ['http', 'http.server', 'http.location', 'http.location.if'],
        arity: args(1),
        doc: {
          syntax: 'root path;',
          default: 'html',
          summary: 'The folder that files are served from: the URI is put behind it.',
        },
        set: (cf, [text = ''], conf) => {
          const path = parsePath(cf, conf, 'root', text);
          if (path instanceof Fault) return path;
          conf.root = { kind: 'root', path, location: '' };
          return undefined;
        },
      },
      {
        name: 'alias',
        contexts: ['http.location'],
        arity: args(1),
        doc: {
          syntax: 'alias path;',
          summary: 'Takes the place of the prefix that the location is named by; with a regular expression, of it all.',
        },
        set: (cf, [text = ''], conf) => {
          const path = parsePath(cf, conf, 'alias', text);
          if (path instanceof Fault) return path;
          const { match } = cf.store.get(LOCATION_BLOCK);
          if (match.kind === 'named') return whole('the "alias" directive cannot be used inside the named location');
          conf.root = { kind: match.kind === 'regex' ? 'whole' : 'replaces', path, location: match.text };
          return undefined;
        },
      },
    ],
    merge: (prev: RootLoc | undefined, raw, { store, env }): RootLoc => ({
      root: raw.root ?? prev?.root ?? defaultRoot(compileValue(`${env.prefix}html`, store.get(VARIABLES))),
      prefix: env.prefix,
    }),
  },
  variables: [
    { name: 'document_root', get: rootPath },
    { name: 'realpath_root', get: realRoot },
    { name: 'request_filename', get: (request) => fileOf(request), volatile: true },
  ],
});

function defaultRoot(path: HttpValue | Fault): Root {
  if (path instanceof Fault) throw new Error(path.text);
  return { kind: 'root', path, location: '' };
}

/** The path that root or alias names, as it is for this request. */
export function rootPath(request: HttpRequest): ByteString {
  const { root, prefix } = request.conf(rootModule.loc);
  const path = root.path.of(request);
  return root.path.constant !== undefined || path.startsWith('/') ? path : prefix + path;
}

/** The file for the URI that the request has come to. @returns undefined: none; why is in the log */
export function fileOf(request: HttpRequest): ByteString | undefined {
  const { root } = request.conf(rootModule.loc);
  const path = rootPath(request);
  if (root.kind === 'root') return path + request.uri;
  if (!request.inLocation) {
    request.alert(`"alias" cannot be used in location "${root.location}" where URI was rewritten`);
    return undefined;
  }
  if (root.kind === 'replaces') return path + request.uri.slice(root.location.length);
  const isExtended = request.context.has(EXTENDED) && request.context.get(EXTENDED) === request.store;
  return isExtended ? path + request.uri : path;
}

const EXTENDED = new Key<Store>('http alias extended');

/** What try_files has found stands behind the path of an alias that names whole files. */
export function extendAlias(request: HttpRequest): void {
  request.context.set(EXTENDED, request.store);
}

function realRoot(request: HttpRequest): ByteString | undefined {
  const path = rootPath(request);
  try {
    return realpathSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' });
  } catch (error) {
    const errno = systemError(error)?.errno ?? errnoNumber('ENOENT') ?? 2;
    request.log.write(Level.crit, `realpath() "${path}" failed${errnoSuffix(errno)}`, request);
    return undefined;
  }
}
