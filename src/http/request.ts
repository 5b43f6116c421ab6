// One HTTP request on its way through the phases: what the client sent, where it stands, and the values of variables.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteString } from '../conf/directive.ts';
import { type Key, Store } from '../conf/store.ts';
import { Level, type Log, type LogContext } from '../core/log.ts';
import type { HttpConnection } from './connection.ts';
import { HttpResponse } from './response.ts';

export interface RequestInit {
  readonly client: HttpConnection;
  readonly message: IncomingMessage;
  readonly output: ServerResponse;
  /** Of the server that was chosen. */
  readonly store: Store;
  readonly serverName: ByteString;
  readonly host: ByteString;
  readonly uri: ByteString;
  readonly args: ByteString;
  readonly log: Log;
}

export class HttpRequest implements LogContext {
  readonly client: HttpConnection;
  /** Its number, for the log. */
  readonly connection: number;
  readonly message: IncomingMessage;
  readonly output: ServerResponse;
  readonly startedMs = Date.now();
  readonly response = new HttpResponse();
  /** Structs of the location that the request stands in; before one is found, of its server. */
  store: Store;
  /** Of the server; a search for a location begins here. */
  readonly serverStore: Store;
  /** The first name of the server. */
  readonly serverName: ByteString;
  /** Of the request, lower case, without port; without one, the first name of the server. */
  readonly host: ByteString;
  log: Log;
  method: ByteString;
  /** Decoded and normal, without arguments. Rewrites change it. */
  uri: ByteString;
  args: ByteString;
  /** The URI that its location was found by. */
  locatedUri: ByteString = '';
  /** Of the last regular expression that matched: the whole, then the groups. */
  captures: readonly (ByteString | undefined)[] = [];
  /** Redirected within the server: no client asked for this URI. */
  internal = false;
  /** Rounds of rewrites and internal redirects that may still follow. */
  cycles = 10;
  /** What is being done, as the log puts it: ` while …`. */
  action: ByteString | undefined;
  /** As the log shows it. */
  upstream: ByteString | undefined;
  /** Of variables that have been asked for or set. */
  readonly values = new Map<object, ByteString | undefined>();
  /** What handlers keep for as long as the request lives, by keys of their own. */
  readonly context = new Store();
  #body: Promise<Buffer> | undefined;

  constructor(init: RequestInit) {
    this.client = init.client;
    this.connection = init.client.number;
    this.message = init.message;
    this.output = init.output;
    this.store = init.store;
    this.serverStore = init.store;
    this.serverName = init.serverName;
    this.host = init.host;
    this.log = init.log;
    this.method = init.message.method ?? '';
    this.uri = init.uri;
    this.args = init.args;
  }

  /** The request line as sent, less its end. */
  get line(): ByteString {
    const { method = '', url = '', httpVersion } = this.message;
    return `${method} ${url} HTTP/${httpVersion}`;
  }

  /** A header's value; several of a name are joined as nginx does. @param name lower case */
  header(name: ByteString): ByteString | undefined {
    const { rawHeaders } = this.message;
    let value: ByteString | undefined;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() !== name) continue;
      const more = rawHeaders[i + 1] ?? '';
      value = value === undefined ? more : `${value}${name === 'cookie' ? '; ' : ', '}${more}`;
    }
    return value;
  }

  conf<T>(key: Key<T>): T {
    return this.store.get(key);
  }

  /** The whole body. @param limit bytes; 0 is without limit. @returns undefined: it is longer */
  async body(limit: number): Promise<Buffer | undefined> {
    this.#body ??= readAll(this.message, limit);
    const body = await this.#body;
    return limit > 0 && body.length > limit ? undefined : body;
  }

  error(text: ByteString): void {
    this.log.write(Level.error, text, this);
  }

  logSuffix(): ByteString {
    const host = this.header('host');
    const referer = this.header('referer');
    return (
      (this.action === undefined ? '' : ` while ${this.action}`) +
      `, client: ${this.client.remoteAddress}, server: ${this.serverName}, request: "${this.line}"` +
      (this.upstream === undefined ? '' : `, upstream: "${this.upstream}"`) +
      (host === undefined ? '' : `, host: "${host}"`) +
      (referer === undefined ? '' : `, referrer: "${referer}"`)
    );
  }
}

/** Stops behind the limit: who asks sees that it is longer. */
async function readAll(message: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    length += chunk.length;
    if (limit > 0 && length > limit) break;
  }
  return Buffer.concat(chunks);
}
