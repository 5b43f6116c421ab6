// try_files: the first file of a list that is there, or else another place (ngx_http_try_files_module).
import type { Stats } from 'node:fs';
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { parseNumber } from '../../conf/values.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { compileValue } from '../../script/value.ts';
import { defineHttpModule, type Outcome } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import { splitTarget } from '../request/uri.ts';
import type { HttpValue } from '../script/script.ts';
import { isMissing, type OpenFault, statFile } from './open-file.ts';
import { extendAlias, rootModule, rootPath } from './root-module.ts';

interface Candidate {
  readonly name: HttpValue;
  readonly isFolder: boolean;
}

interface TryFiles {
  readonly candidates: readonly Candidate[];
  /** A status, or where the request goes on. */
  readonly last: number | HttpValue;
}

interface LocRaw {
  tryFiles: TryFiles | undefined;
}

const HIGHEST = 999;

const tryFiles: Directive<LocRaw> = {
  name: 'try_files',
  contexts: ['http.server', 'http.location'],
  arity: args(2, Number.POSITIVE_INFINITY),
  doc: {
    syntax: 'try_files file ... uri | @location | =code;',
    summary:
      'Answers with the first file that is there, or with the folder where a name ends with a slash; else with what stands last.',
  },
  set: (cf, words, conf) => {
    if (conf.tryFiles !== undefined) return new Fault('is duplicate');
    const values: HttpValue[] = [];
    for (const word of words) {
      const isFolder = word.endsWith('/') && values.length < words.length - 1;
      const value = compileValue(isFolder ? word.slice(0, -1) : word, cf.store.get(VARIABLES));
      if (value instanceof Fault) return value;
      values.push(value);
    }
    const final = words.at(-1) ?? '';
    const code = final.startsWith('=') ? parseNumber(final.slice(1)) : undefined;
    if (final.startsWith('=') && (code === undefined || code > HIGHEST)) return whole(`invalid code "${final}"`);
    const candidates = values.slice(0, -1).map((name, i) => ({ name, isFolder: (words[i] ?? '').endsWith('/') }));
    const [place] = values.slice(-1);
    if (place !== undefined) conf.tryFiles = { candidates, last: code ?? place };
    return undefined;
  },
};

export const tryFilesModule = defineHttpModule({
  name: 'try files',
  loc: {
    create: (): LocRaw => ({ tryFiles: undefined }),
    directives: [tryFiles],
    // Not inherited.
    merge: (_prev: LocRaw | undefined, raw): LocRaw => ({ tryFiles: raw.tryFiles }),
  },
  handlers: { precontent: find },
});

async function find(request: HttpRequest): Promise<Outcome> {
  const conf = request.conf(tryFilesModule.loc).tryFiles;
  if (conf === undefined) return undefined;
  for (const { name, isFolder } of conf.candidates) {
    const text = withoutLocation(request, name);
    const path = rootPath(request) + text;
    const found = await statFile(isFolder ? `${path}/` : path);
    if (!isThere(request, path, found, isFolder)) continue;
    const { root } = request.conf(rootModule.loc);
    if (root.kind === 'whole') extendAlias(request);
    request.uri = root.kind === 'replaces' ? request.uri.slice(0, root.location.length) + text : text;
    return undefined;
  }
  return typeof conf.last === 'number' ? conf.last : goTo(request, conf.last.of(request));
}

function goTo(request: HttpRequest, place: ByteString): Outcome {
  if (place.startsWith('@')) return { named: place };
  const { uri, args: query } = splitTarget(place);
  request.redirectTo(uri, query, true);
  return 'redirect';
}

/** alias stands for the prefix of the location, which a name made of variables has. */
function withoutLocation(request: HttpRequest, value: HttpValue): ByteString {
  const { root } = request.conf(rootModule.loc);
  const name = value.of(request);
  if (value.constant !== undefined) return name;
  return root.kind === 'replaces' && name.startsWith(root.location) ? name.slice(root.location.length) : name;
}

function isThere(request: HttpRequest, path: ByteString, found: Stats | OpenFault, isFolder: boolean): boolean {
  if (!('errno' in found)) return found.isDirectory() === isFolder;
  if (!isMissing(found.errno)) {
    request.log.write(Level.crit, `${found.call} "${path}" failed${errnoSuffix(found.errno)}`, request);
  }
  return false;
}
