// Directives of the configuration language itself: include and load_module. The evaluation runs them.
import { type Arity, args, type ByteString, CONTEXTS, type ContextName, type Doc, Fault, whole } from './directive.ts';

/** A directive as the documentation sees it. */
export interface DirectiveEntry {
  readonly name: string;
  readonly contexts: readonly ContextName[];
  readonly arity: Arity;
  readonly doc: Doc;
}

export const INCLUDE: DirectiveEntry = {
  name: 'include',
  contexts: CONTEXTS,
  arity: args(1),
  doc: {
    syntax: 'include file | mask;',
    summary:
      'Reads another file, or all files that match a mask, as if their text stood here. Relative names start at the directory of the main configuration file. A mask that matches nothing is no error.',
  },
};

export const LOAD_MODULE: DirectiveEntry = {
  name: 'load_module',
  contexts: ['main'],
  arity: args(1),
  doc: {
    syntax: 'load_module file;',
    summary:
      'Names a dynamic module of nginx. All modules are built in here, so that the name is only checked: it has to be one of the known modules, and to stand before the first block.',
  },
};

/** Modules of nginx and of its packages that a configuration may load; what they add is another matter. */
const KNOWN_MODULES: ReadonlySet<string> = new Set(
  `ndk_http ngx_http_acme ngx_http_auth_jwt ngx_http_auth_pam ngx_http_brotli_filter ngx_http_brotli_static
  ngx_http_cache_purge ngx_http_dav_ext ngx_http_echo ngx_http_fancyindex ngx_http_geoip ngx_http_geoip2
  ngx_http_headers_more_filter ngx_http_image_filter ngx_http_js ngx_http_lua ngx_http_modsecurity ngx_http_perl
  ngx_http_subs_filter ngx_http_uploadprogress ngx_http_upstream_fair ngx_http_xslt_filter ngx_http_zstd_filter
  ngx_http_zstd_static ngx_mail ngx_nchan ngx_otel ngx_rtmp ngx_stream ngx_stream_geoip ngx_stream_geoip2
  ngx_stream_js`
    .split(/\s+/)
    .map((name) => `${name}_module`),
);

/** What load_module has named so far. */
export class ModuleList {
  readonly #loaded = new Set<string>();
  #closed = false;

  /** nginx counts its modules at the first block; then it is too late for more. */
  close(): void {
    this.#closed = true;
  }

  /** @param path absolute, or as the prefix makes it */
  load(path: ByteString): Fault | undefined {
    if (this.#closed) return new Fault('is specified too late');
    const file = path.slice(path.lastIndexOf('/') + 1);
    const name = file.endsWith('.so') ? file.slice(0, -3) : '';
    if (!KNOWN_MODULES.has(name)) {
      return whole(`dlopen() "${path}" failed (${path}: cannot open shared object file: No such file or directory)`);
    }
    if (this.#loaded.has(name)) return whole(`module "${name}" is already loaded`);
    this.#loaded.add(name);
    return undefined;
  }
}
