// One HTTP request on its way through the phases: what the client sent, where it stands, and the values of variables.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteString } from '../../conf/directive.ts';
import { type Key, Store } from '../../conf/store.ts';
import { Level, type Log, type LogContext } from '../../core/log.ts';
import { HttpResponse } from '../answer/response.ts';
import type { HttpConnection } from '../connection/connection.ts';
import type { RequestBody } from './body.ts';
import type { ReceivedBody } from './body-store.ts';
import type { RequestHeaders } from './request-headers.ts';
import type { Target } from './uri.ts';

/**
 * Answers a request for a URI within a request: with the client's header lines, without a body.
 * @returns that request; or the status with which the client's connection ends without an answer
 */
export type Subrequest = (main: HttpRequest, uri: ByteString) => Promise<HttpRequest | number>;

export interface RequestInit {
  readonly client: HttpConnection;
  readonly message: IncomingMessage;
  readonly output: ServerResponse;
  readonly headers: RequestHeaders;
  /** Of the server that was chosen. */
  readonly store: Store;
  readonly serverName: ByteString;
  readonly host: ByteString | undefined;
  /** undefined: what it asks for is no URI, or leads nowhere. */
  readonly target: Target | undefined;
  readonly method: ByteString;
  /** Its request line is one. */
  readonly hasLine: boolean;
  /** The log of a location, or of a server as such. */
  readonly logOf: (store: Store) => Log;
  readonly body: RequestBody;
  readonly subrequest: Subrequest;
  /** Of its records in the error log. */
  readonly tagsOf: (request: HttpRequest) => readonly ByteString[];
  /** Where it never became a request: the line as far as it came. */
  readonly line?: ByteString;
  /** The client's request, where it is one within it. */
  readonly main?: HttpRequest;
}

export class HttpRequest implements LogContext {
  /** What a request within this one begins with too. */
  readonly init: RequestInit;
  /** The client's request; undefined: that is this one. */
  readonly main: HttpRequest | undefined;
  readonly client: HttpConnection;
  /** Its number, for the log. */
  readonly connection: number;
  readonly message: IncomingMessage;
  readonly output: ServerResponse;
  readonly headers: RequestHeaders;
  /** `readBody` reads it. */
  readonly body: RequestBody;
  /** Which one of its connection it is; the first is 1. */
  readonly ordinal: number;
  /** It came before the one ahead of it was answered. */
  readonly pipelined: boolean;
  readonly startedMs = Date.now();
  readonly response = new HttpResponse();
  /** Of the server; a search for a location begins here. */
  readonly serverStore: Store;
  /** The first name of the server. */
  readonly serverName: ByteString;
  /** Of the request, lower case, without port; without one, the first name of the server. */
  readonly host: ByteString;
  /** It is that of the request. */
  readonly hasHost: boolean;
  /** Path and arguments as the client sent them. */
  readonly sentUri: ByteString;
  method: ByteString;
  /** Its method and path could be made out. */
  hasLine: boolean;
  /** Decoded and normal, without arguments. Rewrites change it. */
  uri: ByteString;
  #args: ByteString;
  /** Empty ones are none, unless a directive has set them. */
  #hasArgs: boolean;
  /** Of the last regular expression that matched: the whole, then the groups. */
  captures: readonly (ByteString | undefined)[] = [];
  /** Redirected within the server: no client asked for this URI. */
  internal = false;
  /** The client's own spelling of the URI still names it. */
  asSent = true;
  /** The URI is still one that leads to the location; not so after `rewrite … break`. */
  inLocation = true;
  /** An error page is on its way: it may have none of its own. */
  isErrorPage = false;
  /** Nobody will read the body any more. */
  discardsBody = false;
  /** Rewrites and internal redirects; the one that takes it to 0 is refused. */
  cycles = 11;
  /** What is being done, as the log puts it: ` while …`. */
  action: ByteString | undefined;
  /** As the log shows it. */
  upstream: ByteString | undefined;
  /** Of variables that have been asked for or set. */
  readonly values: Map<object, ByteString | undefined>;
  /** What has been read of the body, once someone asked for it. */
  received: ReceivedBody | undefined;
  /** What handlers keep for as long as the request lives, by keys of their own. */
  readonly context = new Store();
  /** The logs have been told of it. */
  isLogged = false;
  readonly #line: ByteString | undefined;
  readonly #logOf: (store: Store) => Log;
  #store: Store;
  #log: Log;

  constructor(init: RequestInit) {
    const { main } = init;
    this.init = init;
    this.main = main;
    this.values = main?.values ?? new Map();
    this.client = init.client;
    this.connection = init.client.number;
    this.message = init.message;
    this.output = init.output;
    this.headers = init.headers;
    this.ordinal = init.client.requests;
    this.pipelined = init.client.pipelined;
    this.#store = init.store;
    this.#logOf = init.logOf;
    this.#log = init.logOf(init.store);
    this.serverStore = init.store;
    this.serverName = init.serverName;
    this.host = init.host ?? init.serverName;
    this.hasHost = init.host !== undefined;
    this.method = init.method;
    this.hasLine = init.hasLine;
    this.uri = init.target?.uri ?? '';
    this.#args = init.target?.args ?? '';
    this.#hasArgs = this.#args !== '';
    this.sentUri = init.target?.sent ?? '';
    this.body = init.body;
    this.#line = init.line;
    if (main === undefined) return;
    this.method = 'GET';
    this.internal = true;
    this.asSent = false;
    this.received = Buffer.alloc(0);
  }

  /** Structs of the location that the request stands in; before one is found, of its server. */
  get store(): Store {
    return this.#store;
  }

  /** The location's log holds from here on. */
  set store(store: Store) {
    this.#store = store;
    this.#log = this.#logOf(store);
  }

  get log(): Log {
    return this.#log;
  }

  /** The request line as sent, less its end. */
  get line(): ByteString {
    if (this.#line !== undefined) return this.#line;
    const { method = '', url = '', httpVersion } = this.message;
    return `${method} ${url} HTTP/${httpVersion}`;
  }

  /** A header's value; several of a name are joined as nginx does. @param name lower case */
  header(name: ByteString): ByteString | undefined {
    return this.headers.get(name);
  }

  /** Has another location answer. */
  ask(uri: ByteString): ReturnType<Subrequest> {
    return this.init.subrequest(this, uri);
  }

  conf<T>(key: Key<T>): T {
    return this.#store.get(key);
  }

  /** Behind the `?`, as sent. Rewrites change them. */
  get args(): ByteString {
    return this.#args;
  }

  get hasArgs(): boolean {
    return this.#hasArgs;
  }

  changeArgs(args: ByteString): void {
    this.#args = args;
    this.#hasArgs = true;
    this.asSent = false;
  }

  /** For the outcome `redirect`. */
  redirectTo(uri: ByteString, args: ByteString, hasArgs = args !== ''): void {
    this.uri = uri;
    this.#args = args;
    this.#hasArgs = hasArgs;
    this.internal = true;
    this.hasLine = true;
    this.asSent = false;
    this.inLocation = true;
  }

  alert(text: ByteString): void {
    this.#log.write(Level.alert, text, this);
  }

  error(text: ByteString): void {
    this.#log.write(Level.error, text, this);
  }

  info(text: ByteString): void {
    this.#log.write(Level.info, text, this);
  }

  logTags(): readonly ByteString[] {
    return this.init.tagsOf(this);
  }

  logFields(): Readonly<Record<string, ByteString | undefined>> {
    return {
      action: this.action,
      client: this.client.remoteAddress,
      server: this.serverName,
      request: this.line,
      subrequest: this.main === undefined ? undefined : this.uri,
      upstream: this.upstream,
      host: this.headers.first('host'),
      referrer: this.headers.first('referer'),
    };
  }

  logSuffix(): ByteString {
    const host = this.headers.first('host');
    const referer = this.headers.first('referer');
    return (
      (this.action === undefined ? '' : ` while ${this.action}`) +
      `, client: ${this.client.remoteAddress}, server: ${this.serverName}, request: "${this.line}"` +
      (this.main === undefined ? '' : `, subrequest: "${this.uri}"`) +
      (this.upstream === undefined ? '' : `, upstream: "${this.upstream}"`) +
      (host === undefined ? '' : `, host: "${host}"`) +
      (referer === undefined ? '' : `, referrer: "${referer}"`)
    );
  }
}
