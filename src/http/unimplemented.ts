// Ways to pass a request on that Postern does not have: their directives say so.
import { args, type Directive, whole } from '../conf/directive.ts';
import { defineHttpModule, type HttpModuleEntry } from './define.ts';
import type { HasStorage } from './upstream/storage.ts';

const passDirective = (prefix: string): Directive<HasStorage> => ({
  name: `${prefix}_pass`,
  contexts: ['http.location', 'http.location.if'],
  arity: args(1),
  doc: { syntax: `${prefix}_pass address;`, summary: 'Not there: proxy_pass and fastcgi_pass are.' },
  set: () => whole(`"${prefix}_pass": Postern does not implement it`),
});

const define = (prefix: string, directives: readonly Directive<HasStorage>[]): HttpModuleEntry =>
  defineHttpModule({
    name: prefix,
    loc: { create: (): HasStorage => ({ once: undefined }), directives, merge: (_prev, raw) => raw },
  });

export const unimplementedModules: readonly HttpModuleEntry[] = [
  define('uwsgi', [passDirective('uwsgi')]),
  define('scgi', [passDirective('scgi')]),
  define('grpc', [passDirective('grpc')]),
  define('memcached', [passDirective('memcached')]),
];
