// set, if, return, break and rewrite of a running server: what answers, and what the log says of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type HttpAnswer } from '../support/http-exchange.ts';
import { startServer } from '../support/server.ts';

/** `STATUS Location text`, what there is of it; pages of the server's own are left out. */
function brief(answer: HttpAnswer | 'nothing', host: string, port: number): string {
  if (answer === 'nothing') return answer;
  const location = answer.fields.find((line) => line.startsWith('Location: '))?.slice('Location: '.length);
  const text = answer.body === '' || answer.body.startsWith('<html>') ? undefined : answer.body;
  const parts = [String(answer.status), location, text].filter((part) => part !== undefined);
  return parts.join(' ').replaceAll(`//${host}`, '//HOST').replaceAll(`:${port}`, ':PORT');
}

interface Rules {
  readonly name: string;
  /** What stands in the server block. */
  readonly conf: string;
  /** Target of the request, further header lines, and the answer. */
  readonly asked: readonly (readonly [target: string, answer: string, ...headers: string[]])[];
}

const RULES: readonly Rules[] = [
  {
    name: 'set and if run in the order of the file',
    conf: `location / {
      set $reply ERR; set $pair "$http_user:$http_pass";
      if ($pair ~ '^u:secret$') { set $reply OK; }
      if ($http_x = unquoted:value) { set $reply X; }
      if ($http_x != "") { set $reply "$reply!"; }
      if ($http_y !~ UNAVAIL) { set $reply "\${reply}y"; }
      return 200 $reply;
      set $reply never;
    }`,
    asked: [
      ['/', '200 ERRy'],
      ['/', '200 OKy', 'User: u', 'Pass: secret'],
      ['/', '200 X!y', 'X: unquoted:value'],
      ['/', '200 ERR', 'Y: UNAVAILABLE'],
    ],
  },
  {
    name: 'a variable is false where it is empty or 0',
    conf: `location / {
      set $told ""; set $zero 0; set $zeros 00;
      if ($zero) { set $told "$told zero"; }
      if ($zeros) { set $told "$told zeros"; }
      if ($http_none) { set $told "$told none"; }
      return 200 "told$told";
    }`,
    asked: [['/', '200 told zeros']],
  },
  {
    name: 'files, directories and what may be run',
    conf: `location / {
      set $is "";
      if (-f @DIR@$uri) { set $is "$is file"; }
      if (-d @DIR@$uri) { set $is "$is directory"; }
      if (-e @DIR@$uri) { set $is "$is there"; }
      if (!-e @DIR@$uri) { set $is "$is absent"; }
      if (-x @DIR@$uri) { set $is "$is executable"; }
      if (-e /dev/null) { set $is "$is device"; }
      return 200 "is$is";
    }`,
    asked: [
      ['/', '200 is directory there executable'],
      ['/nginx.conf', '200 is file there'],
      ['/nginx.conf/x', '200 is absent'],
      ['/no%0dsuch', '200 is absent'],
    ],
  },
  {
    name: 'captures are those of the last expression, and none where it does not match',
    conf: `location ~ ^/(a)(.*) {
      set $first "$1$2";
      if ($http_x ~ "^(?<one>.)(?<two>.)?") { return 200 "$one,$two,$1,$2,$3"; }
      return 200 "$first,$1,$2,$one";
    }
    location ~ ^/(b)(.*) { if ($uri !~ "^/b(c)") { return 200 "no $1"; } return 200 "yes $1 $10"; }
    location ~* ^/C(.) { return 200 "any case $1"; }`,
    asked: [
      ['/abc', '200 abc,,,'],
      ['/abc', '200 y,z,y,z,', 'X: yz'],
      ['/abc', '200 y,,y,,', 'X: y'],
      ['/bcd', '200 yes c c0'],
      ['/bd', '200 no '],
      ['/cd', '200 any case d'],
    ],
  },
  {
    name: 'an if has settings of its own, and the last true one counts',
    conf: `location / {
      add_header Outer 1;
      if ($arg_a) { add_header A 1; }
      if ($arg_b) { add_header B 1; set $after 1; }
      set $after "\${after}2";
      return 200 $after;
    }`,
    asked: [
      ['/', '200 2'],
      ['/?a=1', '200 2'],
      ['/?a=1&b=1', '200 12'],
    ],
  },
  {
    name: 'return with codes, texts and redirects',
    conf: `location /code { return 404; } location /text { return 404 own; } location /empty { return 200; }
    location /204 { return 204 text; } location /none { return 444; } location /444 { return 444 text; }
    location /408 { return 408; } location /own { return 799 text; }
    location /path { return 301 /to$is_args$args; } location /url { return 302 https://example.com/x; }
    location /alone { return $scheme://$host$uri; } location /other { return 307 elsewhere; }
    location /303 { return 303; } location /split { return 301 $uri; }
    location /page.html { return 200 "<p>"; }`,
    asked: [
      ['/code', '404'],
      ['/text', '404 own'],
      ['/empty', '200'],
      ['/204', '204'],
      ['/none', 'nothing'],
      ['/444', '444 text'],
      ['/408', 'nothing'],
      ['/own', '799 text'],
      ['/path?q', '301 http://HOST:PORT/to?q'],
      ['/url', '302 https://example.com/x'],
      ['/alone', '302 http://HOST/alone'],
      ['/other', '307 elsewhere'],
      ['/303', '303 '],
      ['/page.html', '200 <p>'],
    ],
  },
  {
    name: 'rules of the server come first, and only once',
    conf: `rewrite_log on; rewrite ^/a(.*) /b$1; rewrite ^/b(.*) /c$1 last; rewrite ^/c /never;
    if ($uri = /gone) { return 410 gone; }
    if ($uri = /kept) { set $kept 1; break; }
    set $kept "\${kept}2";
    location / { return 200 "$uri $kept"; } location /c { return 200 "c $uri"; }`,
    asked: [
      ['/ax', '200 c /cx'],
      ['/gone', '410 gone'],
      ['/kept', '200 /kept 1'],
      ['/z', '200 /z 2'],
    ],
  },
  {
    name: 'a rewrite in a location goes on, searches again, or stays',
    conf: `location / { rewrite ^/a(.*) /c$1; rewrite ^/b(.*) /c$1 last; return 200 "stayed $uri"; }
    location /c { return 200 "c $uri"; }
    location /d { rewrite ^/d /a; } location /e { rewrite ^ /c break; return 200 never; }
    location /f { rewrite ^ /c; break; return 200 never; }
    location /in { internal; return 200 "in $uri"; } location /g { rewrite ^ /in/side; }`,
    asked: [
      ['/ax', '200 stayed /cx'],
      ['/bx', '200 c /cx'],
      ['/dx', '200 stayed /c'],
      ['/e', '404'],
      ['/f', '404'],
      ['/in', '404'],
      ['/g', '200 in /in/side'],
    ],
  },
  {
    name: 'arguments are kept, added to, or left out, and captures in them are escaped',
    conf: `set $v "/v?y=1";
    rewrite ^/a$ /x; rewrite ^/b$ /x?n=1; rewrite ^/c$ /x?; rewrite ^/d$ /x?n=1?; rewrite ^/e$ $v; rewrite ^/f$ /x?b?c;
    rewrite ^/g(.*) /x$1?y=$1; rewrite ^/h ?n; rewrite ^/i $none; set $none "";
    location / { return 200 "$uri [$args]"; }`,
    asked: [
      ['/a?q', '200 /x [q]'],
      ['/b?q', '200 /x [n=1&q]'],
      ['/b', '200 /x [n=1]'],
      ['/c?q', '200 /x []'],
      ['/d?q', '200 /x [n=1]'],
      ['/e?q', '200 /v?y=1 [q]'],
      ['/f?q', '200 /x [b?c&q]'],
      ['/g%20%41+b%26c%3f%25d?q', '200 /x A+b&c?%d [y=%20A%2Bb%26c%3F%25d&q]'],
      ['/g&b', '200 /x&b [y=&b]'],
      ['/h', '500'],
      ['/i', '500'],
    ],
  },
  {
    name: 'a rewrite that redirects',
    conf: `rewrite ^/a /to redirect; rewrite ^/b /to permanent; rewrite ^/c http://example.com/c; rewrite ^/d $scheme://x/d?;
    rewrite ^/e(.*) /to$1?y=$1 redirect; rewrite ^/f /t%26%7e%20%25%zz%4 redirect; rewrite ^/g here permanent;`,
    asked: [
      ['/a?q', '302 http://HOST:PORT/to?q'],
      ['/b', '301 http://HOST:PORT/to'],
      ['/c?q', '302 http://example.com/c?q'],
      ['/d?q', '302 http://x/d'],
      ['/e%20%26%25?q', '302 http://HOST:PORT/to%20&%25?y=%20%26%25&q'],
      ['/e&?q', '302 http://HOST:PORT/to&?y=&&q'],
      ['/f', '302 http://HOST:PORT/t&~%20%25zz'],
      ['/g', '301 here'],
    ],
  },
  {
    name: 'ten rounds are enough',
    conf: `location / { rewrite ^/(x*)$ /x$1; rewrite "^/(x{12})$" /end last; } location /xxxxxxxxxx { return 200 $uri; }
    location /loop { rewrite ^ /loop; }`,
    asked: [
      ['/', '200 /xxxxxxxxxx'],
      ['/loop', '500'],
    ],
  },
];

test('the rewrite module', async (t) => {
  const servers = RULES.map(({ conf }, i) => `server { listen @http@; server_name r${i}; ${conf} }`);
  const server = await startServer(t, { config: `http { access_log off; ${servers.join('\n')} }` });
  for (const [i, { name, conf, asked }] of RULES.entries()) {
    await t.test(name, async () => {
      const host = `r${i}`;
      for (const [target, expected, ...headers] of asked) {
        const answer = await ask(server, 'http', { target, host: `${host}:1`, headers });
        assert.equal(brief(answer, host, server.at('http').port), expected, `${target} ${headers} of ${conf}`);
      }
    });
  }
});

test('the records of rewrite_log and of variables that were not set', async (t) => {
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; server_name s;
      location / { rewrite_log on; if ($uri ~* ^/B) { rewrite_log off; } rewrite ^/a(.*) /b$1?n; rewrite ^/b /c redirect; }
      location /unset { if ($y = "") { return 200 "$y$quiet"; } set $y 1; }
      location /quiet { uninitialized_variable_warn off; if ($quiet) { set $quiet 1; } return 200 "$quiet"; }
      location /zero { rewrite ^ ?; }
      location /loop { rewrite ^/loop(.*) /loop/x$1; }
    } }`,
  });
  const recordsOf = async (target: string): Promise<string[]> => {
    await ask(server, 'http', { target, host: 's' });
    const suffix = `, client: 127.0.0.1, server: s, request: "GET ${target} HTTP/1.1", host: "s"`;
    return server.log
      .text()
      .split('\n')
      .filter((line) => line.endsWith(suffix))
      .map((line) => line.slice(0, -suffix.length).replace(/^\S+ \S+ (\[\w+\]) \d+#\d+: \*\d+ /, '$1 '));
  };
  assert.deepEqual(await recordsOf('/a%26?q'), [
    '[notice] "^/B" does not match "/a&"',
    '[notice] "^/a(.*)" matches "/a&"',
    '[notice] rewritten data: "/b&", args: "n&q"',
    '[notice] "^/b" matches "/b&"',
    '[notice] rewritten redirect: "/c?n&q"',
  ]);
  assert.deepEqual(await recordsOf('/b'), [
    '[notice] "^/B" matches "/b"',
    '[notice] "^/a(.*)" does not match "/b"',
    '[notice] "^/b" matches "/b"',
    '[notice] rewritten redirect: "/c"',
  ]);
  assert.deepEqual(await recordsOf('/unset'), [
    '[warn] using uninitialized "y" variable',
    '[warn] using uninitialized "quiet" variable',
  ]);
  assert.deepEqual(await recordsOf('/quiet'), []);
  assert.deepEqual(await recordsOf('/zero'), ['[error] the rewritten URI has a zero length']);
  const [loop] = await recordsOf('/loop');
  assert.equal(loop, `[error] rewrite or internal redirection cycle while processing "/loop${'/x'.repeat(11)}"`);
});
