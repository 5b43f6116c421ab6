// A client's HTTP connection: where it comes from and goes to, and what its requests have in common.
import type { Socket } from 'node:net';
import type { ByteString } from '../../conf/directive.ts';
import type { Control } from '../../control/control.ts';
import { formatAddress } from '../../core/address.ts';
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import type { Resolver } from '../../core/resolver/resolver.ts';
import type { ResolverSpec } from '../../core/resolver-directive.ts';
import type { RequestConnection } from '../../net/connection.ts';
import type { Endpoint } from '../../net/endpoint.ts';
import type { Listen } from '../../net/listen/options.ts';
import type { PassTarget } from '../../net/loopback/passes.ts';
import type { ProxyInfo } from '../../net/proxy-protocol/read.ts';
import type { TlsInfo } from '../../net/tls/established.ts';
import type { ServerStatus } from '../../stats/status.ts';
import type { FolderSpec, TemporaryFolder } from '../request/temporary-folder.ts';
import type { HttpStream } from './stream.ts';

/** What a worker lends to the requests of a connection. */
export interface HttpServices {
  /** worker_connections: what a request opens counts as well. */
  readonly connections: ConnectionBudget;
  /** What is counted. */
  readonly status: ServerStatus;
  readonly control: Control;
  /** A mail server of this process, by an address that it listens on; undefined: none does. */
  mail(address: ByteString): PassTarget | undefined;
  /** The name servers of a directive; locations that share it share the cache. */
  resolver(spec: ResolverSpec): Resolver;
  /** undefined: the usual one. */
  temporary(spec: FolderSpec | undefined): TemporaryFolder;
}

export interface HttpConnectionInit {
  readonly services: HttpServices;
  readonly number: number;
  readonly conn: RequestConnection;
  /** The listen that it came in by. */
  readonly listen: Listen;
  readonly client: Endpoint | undefined;
  readonly local: Endpoint | undefined;
}

export class HttpConnection {
  readonly services: HttpServices;
  readonly number: number;
  readonly conn: RequestConnection;
  readonly listen: Listen;
  /** Who has connected; undefined: on a unix socket. */
  readonly peer: Endpoint | undefined;
  /** The same, or for the request at hand whom a trusted peer has named. */
  client: Endpoint | undefined;
  readonly local: Endpoint | undefined;
  readonly startedMs = Date.now();
  /** Where the client speaks TLS. */
  tls: TlsInfo | undefined;
  /** The client speaks HTTP in clear where TLS is spoken: it gets no answer but that. */
  lacksTls = false;
  /** What node:http writes to. */
  stream: HttpStream | undefined;
  /** The same, as node:http sees it. */
  asSocket: Socket | undefined;
  requests = 0;
  /** A request is being answered. */
  busy = false;
  /** The latest request came while another one was being answered. */
  pipelined = false;
  /** Bytes sent that belong to requests that have ended. */
  bytesAccounted = 0;
  /** What the PROXY protocol said of the client, where it is spoken. */
  proxied: ProxyInfo | undefined;
  /** The client has closed its side: it waits for no answer that takes long. */
  ended = false;
  /** Called when it does. */
  onEnded: (() => void) | undefined;
  /** Nothing more is read after the answer at hand. */
  closing = false;
  /** What follows the request at hand has come with it already. */
  isFollowed = false;
  /** Tells a client whose connection is no longer one of HTTP that it ends. */
  leave: (() => void) | undefined;
  /** Tells the same that this process takes no more, where there is another one that does. */
  retire: (() => void) | undefined;
  /** How long the next request may take to come, in milliseconds. */
  keepaliveMs = 0;

  constructor(init: HttpConnectionInit) {
    this.services = init.services;
    this.number = init.number;
    this.conn = init.conn;
    this.listen = init.listen;
    this.peer = init.client;
    this.client = init.client;
    this.local = init.local;
  }

  /** Ends it without an answer. */
  abort: () => void = () => this.conn.destroy();

  /** Of what is listened on. */
  get listenText(): ByteString {
    return formatAddress(this.listen.address);
  }

  /** Nothing more is read as HTTP. @param isFollowed something has been read that follows the request */
  expectUpgrade(isFollowed: boolean): void {
    this.closing = true;
    this.isFollowed = isFollowed;
  }

  /** `$remote_addr`. */
  get remoteAddress(): ByteString {
    return this.client?.address ?? 'unix:';
  }
}
