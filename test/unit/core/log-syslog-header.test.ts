import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { Level } from '../../../src/core/log.ts';
import { SyslogHeader, syslogTime } from '../../../src/core/log-sinks/syslog-header.ts';

const NOW = new Date(2026, 10, 4, 2, 14, 43).getTime();
const record = Buffer.from('2026/11/04 02:14:43 [info] 6513#0: *1 text\xff\n', 'latin1');
const text = (header: SyslogHeader, level: Level, now = NOW): string =>
  header.datagram(record, level, now).toString('latin1');

test('a datagram is the header and the complete record without its newline', () => {
  const header = new SyslogHeader({ facility: 23, tag: 'nginx', nohostname: false }, 'VM.Example.ORG');
  assert.equal(
    text(header, Level.info),
    '<190>Nov  4 02:14:43 vm.example.org nginx: 2026/11/04 02:14:43 [info] 6513#0: *1 text\xff',
  );
});

test('nohostname leaves the host out', () => {
  const header = new SyslogHeader({ facility: 2, tag: 'mail_proxy', nohostname: true }, 'vm');
  assert.equal(
    text(header, Level.notice),
    '<21>Nov  4 02:14:43 mail_proxy: 2026/11/04 02:14:43 [info] 6513#0: *1 text\xff',
  );
});

test('the priority is facility times eight plus the severity of the record', () => {
  const header = new SyslogHeader({ facility: 23, tag: 'nginx', nohostname: true });
  const priorities = Object.values(Level).map((level) => text(header, level).slice(0, 5));
  assert.deepEqual(priorities, ['<184>', '<185>', '<186>', '<187>', '<188>', '<189>', '<190>', '<191>']);
});

test('the host is the name of this machine in lower case', () => {
  const header = new SyslogHeader({ facility: 0, tag: 'nginx', nohostname: false });
  assert.ok(text(header, Level.emerg).startsWith(`<0>Nov  4 02:14:43 ${hostname().toLowerCase()} nginx: `));
});

test('the time follows the clock', () => {
  const header = new SyslogHeader({ facility: 23, tag: 'nginx', nohostname: true });
  assert.ok(text(header, Level.info, NOW + 999).includes(' 02:14:43 '));
  assert.ok(text(header, Level.info, NOW + 1000).startsWith('<190>Nov  4 02:14:44 '));
});

test('months are English, the day is padded with a space and the time with zeros', () => {
  assert.equal(syslogTime(new Date(2026, 0, 1, 0, 5, 9)), 'Jan  1 00:05:09');
  assert.equal(syslogTime(new Date(2026, 11, 31, 23, 59, 59)), 'Dec 31 23:59:59');
});
