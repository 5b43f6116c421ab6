// Records sent to a syslog server, one datagram each (RFC 3164; logging, "syslog").
import type { ByteString } from '../../conf/directive.ts';
import { errnoSuffix } from '../errno.ts';
import { Level, type Sink } from '../log.ts';
import type { DatagramClient, DatagramFailed } from './datagram.ts';
import { SyslogHeader, type SyslogHeaderSpec } from './syslog-header.ts';
import { UdpClient } from './udp-client.ts';
import { loadUnixDatagram, UnixClient } from './unix-client.ts';

/** `host` is an IP address: names are looked up when the configuration is read. */
export type SyslogServer = { readonly host: string; readonly port: number } | { readonly path: ByteString };

/** `error_log syslog:…`, checked. */
export interface SyslogSpec extends SyslogHeaderSpec {
  readonly server: SyslogServer;
}

/** Takes the text of a failure to the logs of the main context. */
export type SyslogReport = (level: Level, text: ByteString) => void;

/**
 * Where the syslog sinks of one configuration report to, shared by all of them: the failure of a record that is
 * itself such a report is not reported, or two dead servers would feed each other for ever.
 */
export class SyslogReports {
  readonly #report: SyslogReport;
  #active = false;

  constructor(report: SyslogReport) {
    this.#report = report;
  }

  /** Whether the record at hand is a report. */
  get active(): boolean {
    return this.#active;
  }

  report(level: Level, text: ByteString): void {
    if (this.#active) return;
    this.#active = true;
    try {
      this.#report(level, text);
    } finally {
      this.#active = false;
    }
  }
}

const ignore: DatagramFailed = () => {};

/** Opens its socket at the first record. Records that cannot be sent are lost; none is queued. */
export class SyslogSink implements Sink {
  readonly #name: ByteString;
  readonly #header: SyslogHeader;
  readonly #client: DatagramClient | undefined;
  readonly #reports: SyslogReports;
  /** Within our own report we take nothing: it goes to the other logs. */
  #reporting = false;
  #failures = 0;

  constructor(spec: SyslogSpec, reports: SyslogReports, client: DatagramClient | undefined) {
    this.#name = serverName(spec.server);
    this.#header = new SyslogHeader(spec);
    this.#client = client;
    this.#reports = reports;
  }

  /** @returns false: it is known already that it was not sent */
  write(record: Buffer, level: Level): boolean {
    if (this.#client === undefined || this.#reporting) return true;
    const failures = this.#failures;
    this.#client.send(this.#header.datagram(record, level), this.#reports.active ? ignore : this.#failed);
    return failures === this.#failures;
  }

  /** Closes the socket; records written later are lost. A unix socket keeps the process alive until then. */
  close(): void {
    this.#client?.close();
  }

  readonly #failed: DatagramFailed = (call, errno) => {
    this.#failures++;
    const level = call === 'connect()' ? Level.alert : Level.error;
    this.#reporting = true;
    try {
      this.#reports.report(level, `${call} failed${errnoSuffix(errno)} while logging to syslog, server: ${this.#name}`);
    } finally {
      this.#reporting = false;
    }
  };
}

/**
 * The sink of a spec. Without the package unix-dgram a unix socket is accepted with one warning, and its records are
 * dropped.
 */
export function createSyslogSink(spec: SyslogSpec, reports: SyslogReports, load = loadUnixDatagram): SyslogSink {
  if ('host' in spec.server) return new SyslogSink(spec, reports, new UdpClient(spec.server.host, spec.server.port));
  const unixDatagram = load();
  if (unixDatagram !== undefined) return new SyslogSink(spec, reports, new UnixClient(spec.server.path, unixDatagram));
  const name = serverName(spec.server);
  reports.report(Level.warn, `syslog server "${name}" is ignored, it needs the optional package "unix-dgram"`);
  return new SyslogSink(spec, reports, undefined);
}

/** As nginx prints it: `127.0.0.1:514`, `[::1]:514`, `unix:/dev/log`. */
function serverName(server: SyslogServer): ByteString {
  if ('path' in server) return `unix:${server.path}`;
  return server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`;
}
