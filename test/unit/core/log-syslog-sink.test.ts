import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { Level, Log, RecordFormat } from '../../../src/core/log.ts';
import {
  createSyslogSink,
  SyslogReports,
  type SyslogServer,
  type SyslogSink,
  type SyslogSpec,
} from '../../../src/core/log-sinks/syslog-sink.ts';
import { event, turnsUntil } from '../../support/in-time.ts';

const spec = (server: SyslogServer): SyslogSpec => ({ server, facility: 23, tag: 'nginx', nohostname: true });

/** A server on an ephemeral port of loopback that keeps what it receives. */
async function syslogServer(t: TestContext, host = '127.0.0.1'): Promise<{ socket: Socket; received: string[] }> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const received: string[] = [];
  socket.on('message', (datagram) => received.push(datagram.toString('latin1')));
  socket.bind(0, host);
  await event(socket, 'listening');
  t.after(() => socket.close());
  return { socket, received };
}

/** A port of loopback where nothing listens. */
async function deadPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await event(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await event(socket, 'close');
  return port;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Drops the priority and the time, which ends at its first 16 characters behind `>`. */
const body = (datagram: string): string => datagram.replace(/^<\d+>.{15} /, '');

function sinkFor(t: TestContext, server: SyslogServer, reports: SyslogReports): SyslogSink {
  const sink = createSyslogSink(spec(server), reports);
  t.after(() => sink.close());
  return sink;
}

test('each record is one datagram, also those of the turn in which the socket is opened', async (t) => {
  const { socket, received } = await syslogServer(t);
  const reports = new SyslogReports((_level, text) => assert.fail(text));
  const sink = sinkFor(t, { host: '127.0.0.1', port: socket.address().port }, reports);
  const log = new Log([{ sink, level: Level.info }]);
  const expected: string[] = [];
  for (let i = 0; i < 50; i++) {
    log.write(Level.info, `record ${i}`);
    expected.push(`record ${i}`);
  }
  log.write(Level.debug, 'not wanted');
  await turnsUntil(() => received.length >= 50);
  assert.match(
    received[0] ?? '',
    /^<190>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d nginx: \d{4}\/.* \[info\] \d+#0: record 0$/,
  );
  assert.deepEqual(
    received.map((datagram) => datagram.replace(/^.*#0: /, '')),
    expected,
  );
});

test('a server on IPv6 is reached', async (t) => {
  if (!Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))) {
    t.skip('this machine has no IPv6 loopback');
    return;
  }
  const { socket, received } = await syslogServer(t, '::1');
  const reports = new SyslogReports((_level, text) => assert.fail(text));
  const sink = sinkFor(t, { host: '::1', port: socket.address().port }, reports);
  sink.write(Buffer.from('text\n'), Level.error);
  await turnsUntil(() => received.length > 0);
  assert.deepEqual(received.map(body), ['nginx: text']);
});

test('a refused datagram is reported at error and the socket opened anew', async (t) => {
  const port = await deadPort();
  const reported: [Level, string][] = [];
  const reports = new SyslogReports((level, text) => reported.push([level, text]));
  const sink = sinkFor(t, { host: '127.0.0.1', port }, reports);
  const record = new RecordFormat().format(Level.info, 'text');
  for (let failures = 1; failures <= 2; failures++) {
    await turnsUntil(() => {
      sink.write(record, Level.info);
      return reported.length >= failures;
    });
  }
  assert.deepEqual(reported[0], [
    Level.error,
    `send() failed (111: Connection refused) while logging to syslog, server: 127.0.0.1:${port}`,
  ]);
});

test('a connect that fails is an alert for each record', async (t) => {
  const reported: [Level, string][] = [];
  const reports = new SyslogReports((level, text) => reported.push([level, text]));
  // Broadcast, which a socket must be allowed first.
  const sink = sinkFor(t, { host: '255.255.255.255', port: 514 }, reports);
  for (let i = 0; i < 2; i++) sink.write(Buffer.from('text\n'), Level.info);
  await turnsUntil(() => reported.length >= 2);
  for (const [level, text] of reported) {
    assert.equal(level, Level.alert);
    assert.match(text, /^connect\(\) failed \(\d+: .+\) while logging to syslog, server: 255\.255\.255\.255:514$/);
  }
});

test('two dead servers do not feed each other with reports', async (t) => {
  const ports = [await deadPort(), await deadPort()];
  const { socket, received } = await syslogServer(t);
  let log: Log | undefined;
  let reported = 0;
  const reports = new SyslogReports((level, text) => {
    reported++;
    log?.write(level, text);
  });
  const sinks = [...ports, socket.address().port].map((port) => sinkFor(t, { host: '127.0.0.1', port }, reports));
  log = new Log(sinks.map((sink) => ({ sink, level: Level.info })));
  let written = 0;
  await turnsUntil(() => {
    log?.write(Level.info, 'text');
    written++;
    return reported >= 10;
  });
  const before = reported;
  // Reports in flight settle; with nothing written, at most one late failure of each dead server can follow.
  for (let i = 0; i < 50; i++) await nextTurn();
  assert.ok(reported - before <= 2);
  assert.ok(reported <= written * 2);
  await turnsUntil(() => received.some((datagram) => datagram.includes('Connection refused')));
});

test('after closing nothing is sent', async (t) => {
  const { socket, received } = await syslogServer(t);
  const reports = new SyslogReports((_level, text) => assert.fail(text));
  const server = { host: '127.0.0.1', port: socket.address().port };
  const closed = sinkFor(t, server, reports);
  closed.write(Buffer.from('first\n'), Level.info);
  closed.close();
  closed.write(Buffer.from('lost\n'), Level.info);
  sinkFor(t, server, reports).write(Buffer.from('second\n'), Level.info);
  await turnsUntil(() => received.length >= 2);
  assert.deepEqual(received.map(body), ['nginx: first', 'nginx: second']);
});
