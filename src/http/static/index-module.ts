// index: what answers a URI that ends with a slash (ngx_http_index_module).
import { args, type Directive, Fault, whole } from '../../conf/directive.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule, type Outcome } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import { fileConfModule } from './file-conf-module.ts';
import { isForbidden, isMissing, openFailure, statFile } from './open-file.ts';
import { fileOf } from './root-module.ts';

interface LocRaw {
  names: HttpValue[] | undefined;
}

const index: Directive<LocRaw> = {
  name: 'index',
  contexts: ['http', 'http.server', 'http.location'],
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax: 'index file ...;',
    default: 'index.html',
    summary: 'Files that answer for their folder, the first one that is there; the last may be a URI from the root.',
  },
  set: (cf, words, conf) => {
    conf.names ??= [];
    for (const [i, word] of words.entries()) {
      if (word.startsWith('/') && i !== words.length - 1) {
        cf.warn('only the last index in "index" directive should be absolute');
      }
      // nginx names the first one, whichever is empty.
      if (word === '') return whole(`index "${words[0]}" in "index" directive is invalid`);
      const value = compileValue(word, cf.store.get(VARIABLES));
      if (value instanceof Fault) return value;
      conf.names.push(value);
    }
    return undefined;
  },
};

export const indexModule = defineHttpModule({
  name: 'index',
  loc: {
    create: (): LocRaw => ({ names: undefined }),
    directives: [index],
    merge: (prev: { readonly names: readonly HttpValue[] } | undefined, raw, { store }) => ({
      names: raw.names ?? prev?.names ?? defaultNames(compileValue('index.html', store.get(VARIABLES))),
    }),
  },
  handlers: { content: findIndex },
});

const defaultNames = (name: HttpValue | Fault): readonly HttpValue[] => (name instanceof Fault ? [] : [name]);

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];

async function findIndex(request: HttpRequest): Promise<Outcome> {
  if (!request.uri.endsWith('/') || !METHODS.includes(request.method)) return undefined;
  const folder = fileOf(request);
  if (folder === undefined) return 500;
  let isFolder = false;
  for (const value of request.conf(indexModule.loc).names) {
    const name = value.of(request);
    if (name.startsWith('/')) return redirect(request, name);
    const path = folder + name;
    const found = await statFile(path);
    if (!('errno' in found)) return redirect(request, request.uri + name);
    if (isForbidden(found.errno)) return refuse(request, path, found.errno);
    if (!isMissing(found.errno)) return openFailure(request, path, found, true);
    if (isFolder) continue;
    const parent = await statFile(folder);
    if ('errno' in parent) return refuse(request, path, found.errno);
    if (!parent.isDirectory()) return refuse(request, path, found.errno);
    isFolder = true;
  }
  return undefined;
}

function redirect(request: HttpRequest, uri: string): 'redirect' {
  request.redirectTo(uri, request.args, request.hasArgs);
  return 'redirect';
}

function refuse(request: HttpRequest, path: string, errno: number): number {
  const missing = isMissing(errno);
  if (!missing || request.conf(fileConfModule.loc).logNotFound) {
    request.error(`"${path}" is ${missing ? 'not found' : 'forbidden'}${errnoSuffix(errno)}`);
  }
  return missing ? 404 : 403;
}
