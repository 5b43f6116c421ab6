// What tools read of -v, -V and -h.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildLines, helpText, versionLine } from '../../../src/cli/version.ts';
import { modules } from '../../../src/modules.ts';
import { ROOT } from '../../support/target.ts';

const DEFAULTS = {
  prefix: '/etc/nginx/',
  file: 'conf/nginx.conf',
  errorLog: 'logs/error.log',
  pid: 'logs/nginx.pid',
  bodyFolder: 'client_body_temp',
};

test('the version line names nginx first, then the package with its own version', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(versionLine(), `nginx version: nginx/1.31.5 (postern/${version})\n`);
});

test('the build lines are what certbot, fail2ban and the nginx test suite look for', () => {
  const text = buildLines(DEFAULTS);
  // certbot: a number without a suffix, a space, and text.
  assert.match(text, /^built (?:with|by) .*\nbuilt with OpenSSL \d+\.\d+\.\d+ \S.*$/m);
  assert.doesNotMatch(text, /\+quic/);
  assert.match(text, /^TLS SNI support enabled$/m);
  assert.match(text, /--with-mail(?: |$)/m);
  assert.match(text, /mail_ssl/);
  assert.match(text, /^configure arguments: --prefix=\/etc\/nginx --http-client-body-temp-path=client_body_temp /m);
  assert.match(text, / --with-http_ssl_module(?: |$)/m);
  assert.doesNotMatch(text, /--with-debug|--without-(?!http)/);
  assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
});

/** The directive without which a module of nginx is of no use, where it has another name than the module. */
const MAIN_DIRECTIVE: Readonly<Record<string, string>> = {
  access: 'allow',
  browser: 'modern_browser',
  referer: 'valid_referers',
  fastcgi: 'fastcgi_pass',
  grpc: 'grpc_pass',
  memcached: 'memcached_pass',
  proxy: 'proxy_pass',
  realip: 'set_real_ip_from',
  scgi: 'scgi_pass',
  ssl: 'ssl_certificate',
  tunnel: 'tunnel_pass',
  uwsgi: 'uwsgi_pass',
  upstream_hash: 'hash',
  upstream_ip_hash: 'ip_hash',
  upstream_keepalive: 'keepalive',
  upstream_least_conn: 'least_conn',
  upstream_least_time: 'least_time',
  upstream_random: 'random',
  upstream_sticky: 'sticky',
  upstream_zone: 'zone',
};

/** These are accepted, and do nothing. */
const WITHOUT_EFFECT = new Set(['autoindex', 'gzip']);

test('the build lines name the http modules that are there, and those that are not', () => {
  const text = buildLines(DEFAULTS);
  const table = modules.flatMap(({ directives }) => directives);
  const isThere = (module: string): boolean => {
    const name = MAIN_DIRECTIVE[module] ?? module;
    const found = table.filter((directive) => directive.name === name && !directive.contexts.includes('mail'));
    assert.ok(found.length > 0, name);
    return found.every(({ doc }) => doc.notImplemented === undefined) && !WITHOUT_EFFECT.has(module);
  };
  for (const [, module = ''] of text.matchAll(/--with-http_(\w+)_module/g)) assert.ok(isThere(module), module);
  for (const [, module = ''] of text.matchAll(/--without-http_(\w+)_module/g)) assert.ok(!isThere(module), module);
  const usual = `access auth_basic autoindex browser charset empty_gif fastcgi geo grpc gzip limit_conn limit_req map
    memcached mirror proxy referer rewrite scgi split_clients ssi tunnel upstream_hash upstream_ip_hash
    upstream_keepalive upstream_least_conn upstream_least_time upstream_random upstream_sticky upstream_zone userid uwsgi`;
  for (const module of usual.split(/\s+/)) {
    assert.equal(text.includes(`--without-http_${module}_module`), !isThere(module), module);
  }
});

test('the help names the defaults of this machine, and ends with an empty line', () => {
  const text = helpText(DEFAULTS);
  for (const option of [
    '-?,-h',
    '-v',
    '-V',
    '-t',
    '-T',
    '-q',
    '-s signal',
    '-p prefix',
    '-e filename',
    '-c filename',
    '-g directives',
  ]) {
    assert.ok(text.includes(`\n  ${option} `), option);
  }
  assert.match(text, /\(default: \/etc\/nginx\/\)/);
  assert.match(text, /\(default: logs\/error\.log\)/);
  assert.match(text, /\(default: conf\/nginx\.conf\)/);
  assert.ok(text.endsWith('file\n\n'));
});
