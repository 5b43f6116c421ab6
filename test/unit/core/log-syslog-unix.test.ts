import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Level, Log } from '../../../src/core/log.ts';
import { createSyslogSink, SyslogReports, type SyslogSpec } from '../../../src/core/log-sinks/syslog-sink.ts';
import type { UnixDatagramPackage, UnixDatagramSocket } from '../../../src/core/log-sinks/unix-client.ts';

const spec: SyslogSpec = { server: { path: '/dev/caf\xc3\xa9' }, facility: 2, tag: 'nginx', nohostname: true };

/** Its errors: the code is a number, as that package has it. */
const failure = (errno: number): Error =>
  Object.assign(new Error(`connect ${-errno}`), { errno: -errno, code: -errno });

/** Behaves as unix-dgram does: everything is reported within the call. */
class FakePackage implements UnixDatagramPackage {
  connectError: Error | undefined;
  sendError: Error | undefined;
  readonly sent: string[] = [];
  readonly paths: string[] = [];
  open = 0;

  createSocket(): UnixDatagramSocket {
    this.open++;
    let onError: (error: Error) => void = () => {};
    return {
      on: (_event, listener) => {
        onError = listener;
      },
      connect: (path) => {
        this.paths.push(path);
        if (this.connectError !== undefined) onError(this.connectError);
      },
      send: (datagram, done) => {
        if (this.sendError === undefined) this.sent.push(datagram.toString('latin1'));
        done(this.sendError);
      },
      close: () => {
        this.open--;
      },
    };
  }
}

function setup(unixDatagram: UnixDatagramPackage | undefined) {
  const reported: [Level, string][] = [];
  const reports = new SyslogReports((level, text) => {
    reported.push([level, text]);
    log?.write(level, text);
  });
  const sink = createSyslogSink(spec, reports, () => unixDatagram);
  const log: Log | undefined = new Log([{ sink, level: Level.info }]);
  return { sink, log, reported };
}

test('records go to the socket by the optional package', () => {
  const fake = new FakePackage();
  const { sink, log, reported } = setup(fake);
  assert.equal(fake.open, 0, 'opened by the first record');
  log.write(Level.notice, 'one');
  log.write(Level.info, 'two');
  assert.deepEqual(fake.paths, ['/dev/caf\u00e9'], 'the bytes of the path, as UTF-8');
  assert.equal(fake.sent.length, 2);
  assert.match(fake.sent[0] ?? '', /^<21>.{15} nginx: .* \[notice\] \d+#0: one$/);
  assert.deepEqual(reported, []);
  sink.close();
  assert.equal(fake.open, 0);
  log.write(Level.info, 'lost');
  assert.equal(fake.sent.length, 2);
});

test('a missing socket is an alert for each record, which the sink itself does not get', () => {
  const fake = new FakePackage();
  fake.connectError = failure(2);
  const { log, reported } = setup(fake);
  log.write(Level.info, 'one');
  log.write(Level.info, 'two');
  const text = 'connect() failed (2: No such file or directory) while logging to syslog, server: unix:/dev/caf\xc3\xa9';
  assert.deepEqual(reported, [
    [Level.alert, text],
    [Level.alert, text],
  ]);
  assert.equal(fake.open, 0);
  fake.connectError = undefined;
  log.write(Level.info, 'three');
  assert.equal(fake.sent.length, 1, 'and the reports were not sent later');
});

test('a failed send is an error and opens the socket anew at the next record', () => {
  const fake = new FakePackage();
  const { log, reported } = setup(fake);
  fake.sendError = failure(111);
  log.write(Level.info, 'one');
  assert.deepEqual(reported, [
    [Level.error, 'send() failed (111: Connection refused) while logging to syslog, server: unix:/dev/caf\xc3\xa9'],
  ]);
  assert.equal(fake.open, 0);
  fake.sendError = undefined;
  log.write(Level.info, 'two');
  assert.equal(fake.open, 1);
  assert.equal(fake.sent.length, 1);
});

test('a full queue loses the record without a report', () => {
  const fake = new FakePackage();
  const { log, reported } = setup(fake);
  fake.sendError = Object.assign(new Error('congestion'), { code: 1 });
  log.write(Level.info, 'one');
  assert.deepEqual(reported, []);
  assert.equal(fake.open, 1);
});

test('a package that throws is a failed connect', () => {
  const { log, reported } = setup({
    createSocket: () => {
      throw failure(24);
    },
  });
  log.write(Level.info, 'one');
  assert.equal(
    reported[0]?.[1],
    'connect() failed (24: Too many open files) while logging to syslog, server: unix:/dev/caf\xc3\xa9',
  );
});

test('without the package there is one warning, and records are dropped', () => {
  const warned: [Level, string][] = [];
  const reports = new SyslogReports((level, text) => warned.push([level, text]));
  const sink = createSyslogSink(spec, reports, () => undefined);
  for (let i = 0; i < 3; i++) sink.write(Buffer.from('text\n'), Level.info);
  sink.close();
  assert.deepEqual(warned, [
    [Level.warn, 'syslog server "unix:/dev/caf\xc3\xa9" is ignored, it needs the optional package "unix-dgram"'],
  ]);
});
