// Access logs of a running server: what stands in a line, and which requests get one where.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http {
  log_format default '[$uri][$http_x][$http_none]';
  log_format named escape=default '[$uri][$http_x]' "[$http_none]";
  log_format json escape=json '{"uri":"$uri","x":"$http_x","none":"$http_none"}';
  log_format none escape=none '[$uri][$http_x][$http_none]';
  log_format braces '\${status}00 $status-$1';
  log_format size '$request $status $body_bytes_sent $request_length $request_completion $pipe $connection_requests';
  log_format level '$uri $status';
  map $uri $1 { default one; }
  server {
    listen @web@;
    access_log @DIR@/server.log level;
    location /escape { access_log @DIR@/default.log default; access_log @DIR@/named.log named;
                       access_log @DIR@/json.log json; access_log @DIR@/none.log none; return 204; }
    location /braces { access_log @DIR@/braces.log braces; return 204; }
    location /own { access_log @DIR@/own.log level;
                    if ($http_x = other) { access_log @DIR@/if.log level; }
                    return 204;
                    location /own/off { access_log off; return 204; }
                    location /own/both { access_log @DIR@/both.log level; access_log off; return 204; }
                    location /own/inner { return 204; } }
    location /some { access_log @DIR@/some.log level if=$arg_log; return 204; }
    location /size { access_log @DIR@/size.log size; return 200 "four"; }
    location /size/closed { access_log @DIR@/size.log size; return 444; }
    location /combined { access_log @DIR@/combined.log; return 200 "four"; }
    location / { return 404; }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});

const file = (name: string): LogFile => new LogFile(join(server.dir, `${name}.log`));

/** One request, or several, on a connection of their own. */
async function request(...texts: readonly string[]): Promise<string> {
  const wire = await server.connect('web');
  await wire.send(texts.map((text) => `${text}\r\n\r\n`).join(''));
  const answer = (await wire.rest()).toString('latin1');
  wire.destroy();
  return answer;
}

const get = (target: string, ...headers: readonly string[]): Promise<string> =>
  request([`GET ${target} HTTP/1.1`, 'Host: h', 'Connection: close', ...headers].join('\r\n'));

async function lastLine(name: string, matching: RegExp): Promise<string> {
  const [line] = await file(name).wait(new RegExp(`^.*${matching.source}.*$`, 'm'));
  return line;
}

/** Every byte but zero and the end of a line, as an URI. */
const BYTES = Array.from({ length: 255 }, (_, i) => i + 1).filter((byte) => byte !== 10 && byte !== 0x2f);
const ENCODED = BYTES.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const upper = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

test('by default quotes, backslashes and bytes that are no printable ASCII are escaped', async () => {
  await get(`/escape/${ENCODED}`, 'X: a"b\\c\xe9');
  const bytes = BYTES.map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\x${upper(byte)}`;
  });
  const expected = `[/escape/${bytes.join('')}][a\\x22b\\x5Cc\\xE9][-]`;
  assert.equal(await lastLine('default', /b\\x5Cc/), expected);
  assert.equal(await lastLine('named', /b\\x5Cc/), expected);
});

test('for JSON what its strings may not have is escaped', async () => {
  await get(`/escape/${ENCODED}`, 'X: a"b\\c\xe9');
  const short: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\' };
  const bytes = BYTES.map((byte) => short[byte] ?? (byte < 0x20 ? `\\u00${upper(byte)}` : String.fromCharCode(byte)));
  assert.equal(await lastLine('json', /escape/), `{"uri":"/escape/${bytes.join('')}","x":"a\\"b\\\\c\xe9","none":""}`);
});

test('a value stands as it is where nothing is to be escaped', async () => {
  await get('/escape/%09%22%5c%7f%e9', 'X: as"it\\is\xe9');
  assert.equal(await lastLine('none', /as"it/), '[/escape/\t"\\\x7f\xe9][as"it\\is\xe9][]');
});

test('an empty value is no missing one', async () => {
  await get('/escape/empty', 'X:');
  assert.equal(await lastLine('default', /empty/), '[/escape/empty][][-]');
});

test('a name in braces ends at the brace, and there are no captures', async () => {
  await get('/braces');
  assert.equal(await lastLine('braces', /204/), '20400 204-one');
});

test('the combined format', async () => {
  await get('/combined?a', 'Referer: r"', 'User-Agent: u');
  const line = await lastLine('combined', /combined/);
  assert.match(
    line,
    /^127\.\d+\.\d+\.\d+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/combined\?a HTTP\/1\.1" 200 4 "r\\x22" "u"$/,
  );
  await get('/combined?b', `Authorization: Basic ${Buffer.from('joe:x').toString('base64')}`);
  assert.match(await lastLine('combined', /combined\?b/), / - joe \[.*" 200 4 "-" "-"$/);
});

test('a level with logs of its own does not use those above', async () => {
  await get('/own/1');
  await get('/own/off');
  await get('/own/both');
  await get('/own/inner');
  await get('/own/2', 'X: other');
  await get('/nothing');
  await file('server').wait(/nothing/);
  assert.equal(file('own').text(), '/own/1 204\n/own/inner 204\n');
  assert.equal(file('if').text(), '/own/2 204\n');
  assert.equal(file('both').text(), '');
  assert.doesNotMatch(file('server').text(), /own/);
});

test('a condition that is empty or 0 leaves a request out', async () => {
  for (const query of ['', '?log=', '?log=0', '?log=00', '?log=1', '?log=no']) await get(`/some${query}`);
  await file('some').wait(/(.*\n){3}/);
  assert.equal(file('some').text(), '/some 204\n'.repeat(3));
});

test('sizes, and what came of the request', async () => {
  await get('/size/1');
  await request('HEAD /size/2 HTTP/1.1\r\nHost: h\r\nConnection: close');
  await request('GET /size/3 HTTP/1.1\r\nHost: h', 'GET /size/4 HTTP/1.1\r\nHost: h\r\nConnection: close');
  assert.equal(await get('/size/closed'), '');
  await file('size').wait(/closed.*\n/);
  assert.equal(
    file('size').text(),
    [
      'GET /size/1 HTTP/1.1 200 4 52 OK . 1',
      'HEAD /size/2 HTTP/1.1 200 0 53 OK . 1',
      'GET /size/3 HTTP/1.1 200 4 33 OK . 1',
      'GET /size/4 HTTP/1.1 200 4 52 OK p 2',
      'GET /size/closed HTTP/1.1 444 0 57  . 1',
      '',
    ].join('\n'),
  );
});

test('a request that is none has its line as well', async () => {
  await request('get /low HTTP/1.1\r\nHost: h');
  await request('GET /no-host HTTP/1.1');
  const [lines] = await file('server').wait(/^- 400\n\/no-host 400$/m);
  assert.ok(lines);
});
