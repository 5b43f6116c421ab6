// The command line: options, their complaints, and what is printed to which stream with which exit code.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseOptions } from '../../src/cli/options.ts';
import { CommandFolder, type Outcome, plainRecords } from '../support/mail-spec/command.ts';

const CONF = `events {}
mail {
  auth_http 127.0.0.1:9;
  server { listen unix:$DIR/imap.sock; protocol imap; }
}
`;
const GOOD = { 'conf/nginx.conf': CONF };
const FILE = '$DIR/conf/nginx.conf';
const SYNTAX_OK = `nginx: the configuration file ${FILE} syntax is ok\n`;
const SUCCESSFUL = `nginx: configuration file ${FILE} test is successful\n`;
const FAILED = `nginx: configuration file ${FILE} test failed\n`;
const VERSION = /^nginx version: nginx\/1\.31\.5 \(postern\/\d+\.\d+\.\d+\)\n/;

const result = (code: number, stderr: string, stdout = ''): Outcome => ({ code, stdout, stderr });

describe('the command line', { concurrency: 3 }, () => {
  const COMPLAINTS: readonly (readonly [readonly string[], string])[] = [
    [['foo'], 'invalid option: "foo"'],
    [[''], 'invalid option: ""'],
    [['-x'], 'invalid option: "x"'],
    [['-tz'], 'invalid option: "z"'],
    [['--help'], 'invalid option: "-"'],
    [['-t', 'x'], 'invalid option: "x"'],
    [['-p'], 'option "-p" requires directory name'],
    [['-c'], 'option "-c" requires file name'],
    [['-e'], 'option "-e" requires file name'],
    [['-g'], 'option "-g" requires parameter'],
    [['-s'], 'option "-s" requires parameter'],
    [['-ts'], 'option "-s" requires parameter'],
    [['-s', 'foo'], 'invalid option: "-s foo"'],
    [['-sSTOP'], 'invalid option: "-s STOP"'],
  ];
  test('a complaint goes to the standard error, and nothing else happens', async (t) => {
    assert.deepEqual(await new CommandFolder(t).run('-tz'), result(1, 'nginx: invalid option: "z"\n'));
  });
  for (const [args, complaint] of COMPLAINTS) {
    test(`the complaint about ${JSON.stringify(args)}`, () => assert.equal(parseOptions(args), complaint));
  }

  test('names in a configuration are looked up, by the command as it is shipped', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': CONF.replace('127.0.0.1:9', 'localhost:9') });
    assert.deepEqual(await folder.run('-t', '-p', '$DIR', '-c', FILE), result(0, SYNTAX_OK + SUCCESSFUL));
    const unknown = `${'a'.repeat(64)}:9`;
    const other = new CommandFolder(t, { 'conf/nginx.conf': CONF.replace('127.0.0.1:9', unknown) });
    const { code, stderr } = await other.run('-t', '-p', '$DIR', '-c', FILE);
    assert.equal(code, 1);
    assert.match(stderr, /host not found in auth_http "a+:9"/);
  });

  test('-v prints one line to the standard error', async (t) => {
    const { code, stdout, stderr } = await new CommandFolder(t).run('-v');
    assert.deepEqual([code, stdout, stderr.replace(VERSION, '')], [0, '', '']);
  });

  test('-V adds how it was built, in lines that tools parse', async (t) => {
    const { code, stdout, stderr } = await new CommandFolder(t).run('-V');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, VERSION);
    assert.match(stderr, /^built with OpenSSL \d+\.\d+\.\d+ \S.*$/m);
    assert.doesNotMatch(stderr, /quic/);
    assert.match(stderr, /^TLS SNI support enabled$/m);
    assert.match(stderr, /^configure arguments: .*--with-mail --with-mail_ssl_module( |$)/m);
    assert.ok(stderr.endsWith('\n'));
  });

  test('-t names what has no effect here, in one notice, but not with -q', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': `pcre_jit on;\nlock_file l;\n${CONF}` });
    const why = '"pcre_jit" (it tunes the regular expressions of nginx), "lock_file" (there is no accept mutex)';
    const notice = `nginx: [notice] accepted without effect: ${why}\n`;
    assert.deepEqual(await folder.run('-p', '$DIR', '-t'), result(0, `${notice}${SYNTAX_OK}${SUCCESSFUL}`));
    assert.deepEqual(await folder.run('-p', '$DIR', '-tq'), result(0, ''));
  });

  const HELP = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: $DIR/)
  -e filename   : set error log file (default: logs/error.log)
  -c filename   : set configuration file (default: conf/nginx.conf)
  -g directives : set global directives out of configuration file

`;
  for (const option of ['-h', '-?']) {
    test(`${option} prints the help`, async (t) => {
      const { code, stdout, stderr } = await new CommandFolder(t).run('-p', '$DIR/', option);
      assert.deepEqual([code, stdout, stderr.replace(VERSION, '')], [0, '', HELP]);
    });
  }

  test('-hV prints version, help and build', async (t) => {
    const { stderr } = await new CommandFolder(t).run('-p$DIR/', '-hV');
    assert.match(stderr.replace(VERSION, '').replace(HELP, ''), /^built by /);
  });

  test('-t says that all is well, and leaves an empty pid file and a log', async (t) => {
    const folder = new CommandFolder(t, GOOD);
    assert.deepEqual(await folder.run('-p', '$DIR', '-t'), result(0, SYNTAX_OK + SUCCESSFUL));
    assert.equal(folder.read('logs/nginx.pid'), '');
    assert.deepEqual(plainRecords(folder.read('logs/error.log')), []);
    assert.equal(folder.read('imap.sock'), undefined);
  });

  test('-t leaves a pid file as it is', async (t) => {
    const folder = new CommandFolder(t, { ...GOOD, 'logs/nginx.pid': '4711\n' });
    assert.equal((await folder.run('-p', '$DIR', '-t')).code, 0);
    assert.equal(folder.read('logs/nginx.pid'), '4711\n');
  });

  test('-t without a folder for the pid file', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': `pid $DIR/no/nginx.pid;\n${CONF}` });
    const text = 'nginx: [emerg] open() "$DIR/no/nginx.pid" failed (2: No such file or directory)\n';
    assert.deepEqual(await folder.run('-p', '$DIR', '-t'), result(1, SYNTAX_OK + text + FAILED));
  });

  test('-tq says nothing', async (t) => {
    assert.deepEqual(await new CommandFolder(t, GOOD).run('-tqp', '$DIR'), result(0, ''));
  });

  for (const [options, silent] of [
    [['-t'], false],
    [['-tq'], true],
    [['-T'], false],
  ] as const) {
    test(`${options} with a mistake`, async (t) => {
      const folder = new CommandFolder(t, { 'conf/nginx.conf': `${CONF}\nfoo bar;\n` });
      const text = `nginx: [emerg] unknown directive "foo" in ${FILE}:7\n`;
      assert.deepEqual(await folder.run('-p', '$DIR', ...options), result(1, text + FAILED));
      assert.deepEqual(plainRecords(folder.read('logs/error.log')), [`[emerg] unknown directive "foo" in ${FILE}:7`]);
      assert.equal(silent, options[0] === '-tq');
    });
  }

  test('-t with a mistake that shows at the end', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': 'pid x.pid;\n' });
    const text = 'nginx: [emerg] no "events" section in configuration\n';
    assert.deepEqual(await folder.run('-p', '$DIR', '-t'), result(1, SYNTAX_OK + text + FAILED));
  });

  test('-T dumps every file once to the standard output, in the order of reading', async (t) => {
    const files = {
      'conf/nginx.conf': `${CONF}include b.conf;\ninclude a*.conf;\ninclude b.conf;\n`,
      'conf/a1.conf': '# a\xff\n',
      'conf/b.conf': '# b',
    };
    const folder = new CommandFolder(t, files);
    const dump = `# configuration file ${FILE}:\n${folder.read('conf/nginx.conf')}\n# configuration file $DIR/conf/b.conf:\n# b\n# configuration file $DIR/conf/a1.conf:\n# a\xff\n\n`;
    assert.deepEqual(
      await folder.run('-p', '$DIR', '-T', '-g', 'worker_priority 1;'),
      result(0, SYNTAX_OK + SUCCESSFUL, dump),
    );
    assert.deepEqual(await folder.run('-p', '$DIR', '-Tq'), result(0, '', dump));
  });

  test('-v with -t prints the version and tests', async (t) => {
    const { code, stderr } = await new CommandFolder(t, GOOD).run('-vt', '-p', '$DIR');
    assert.deepEqual([code, stderr.replace(VERSION, '')], [0, SYNTAX_OK + SUCCESSFUL]);
  });

  test('-c names the file, relative to the prefix, and a lone dash is nothing', async (t) => {
    const folder = new CommandFolder(t, { 'etc/x.conf': CONF });
    const said = (SYNTAX_OK + SUCCESSFUL).replaceAll(FILE, '$DIR/etc/x.conf');
    assert.deepEqual(await folder.run('-', '-p', '$DIR', '-t', '-c', 'etc/x.conf'), result(0, said));
  });

  test('-c names a file that is not there', async (t) => {
    const folder = new CommandFolder(t);
    const text = 'open() "$DIR/conf/no.conf" failed (2: No such file or directory)';
    assert.deepEqual(await folder.run('-p', '$DIR', '-c', '$DIR/conf/no.conf'), result(1, `nginx: [emerg] ${text}\n`));
    assert.deepEqual(plainRecords(folder.read('logs/error.log')), [`[emerg] ${text}`]);
  });

  test('-e stderr writes whole records there, once', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': 'foo;\n' });
    const { code, stderr } = await folder.run('-p', '$DIR', '-e', 'stderr');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[emerg\] \d+#\d+: unknown directive "foo" in \$DIR\/conf\/nginx\.conf:1\n$/,
    );
    assert.equal(folder.read('logs/error.log'), undefined);
  });

  test('-e names the log before the configuration is read', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': 'foo;\n' });
    await folder.run('-p', '$DIR', '-e', 'other.log');
    assert.deepEqual(plainRecords(folder.read('other.log')), [`[emerg] unknown directive "foo" in ${FILE}:1`]);
  });

  test('a log that cannot be opened is no reason to give up', async (t) => {
    const folder = new CommandFolder(t, GOOD);
    const alert =
      'nginx: [alert] could not open error log file: open() "$DIR/no/e.log" failed (2: No such file or directory)\n';
    const { code, stderr } = await folder.run('-p', '$DIR', '-t', '-e', 'no/e.log', '-g', 'error_log logs/x.log;');
    assert.deepEqual([code, stderr], [0, alert + SYNTAX_OK + SUCCESSFUL]);
  });

  test('-g has directives, and mistakes, of its own', async (t) => {
    const folder = new CommandFolder(t, GOOD);
    await folder.run('-p', '$DIR', '-t', '-g', 'pid of-g.pid;');
    assert.equal(folder.read('of-g.pid'), '');
    const text = 'nginx: [emerg] unknown directive "foo" in command line\n';
    assert.deepEqual(await folder.run('-p', '$DIR', '-g', 'foo;'), result(1, text));
    const twice = `nginx: [emerg] "pid" directive is duplicate in ${FILE}:1\n`;
    folder.write('conf/nginx.conf', `pid x.pid; ${CONF}`);
    assert.deepEqual(await folder.run('-p', '$DIR', '-g', 'pid y.pid;'), result(1, twice));
  });
});
