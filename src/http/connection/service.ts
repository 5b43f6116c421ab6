// Answers what the connections of an address bring: requests, and what never became one.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Store } from '../../conf/store.ts';
import type { Log } from '../../core/log.ts';
import { type Answering, answer, endSilently } from '../answer/answer.ts';
import { RequestBody } from '../request/body.ts';
import { type Broken, READING_HEADERS } from '../request/broken.ts';
import { asHttpFault, HttpFault } from '../request/fault.ts';
import { receive } from '../request/incoming.ts';
import { HttpRequest, type RequestInit, type Subrequest } from '../request/request.ts';
import { RequestHeaders } from '../request/request-headers.ts';
import { runSubrequest } from '../request/subrequest.ts';
import { parseTarget } from '../request/uri.ts';
import type { Reached } from '../servers/addresses.ts';
import { tagsOf } from '../user-tag-module.ts';
import type { HttpConnection } from './connection.ts';
import type { Arrived } from './request-queue.ts';

/** Of what is broken, as far as it came. */
function lineParts({ action, line }: Broken): Pick<RequestInit, 'method' | 'target' | 'hasLine'> {
  const [, method = ''] = /^([A-Z_-]+) /.exec(line) ?? [];
  const [, url = ''] = /^\S+ (\S+) HTTP\/1\.\d+$/.exec(line) ?? [];
  const target = action === READING_HEADERS ? parseTarget(url, true) : 'form';
  return {
    method,
    ...(typeof target === 'string' ? { target: undefined, hasLine: false } : { target, hasLine: true }),
  };
}

export class HttpService {
  readonly #answering: Answering;
  readonly #subrequest: Subrequest;

  constructor(answering: Answering) {
    this.#answering = answering;
    this.#subrequest = (main, uri) => runSubrequest(main, uri, answering);
  }

  /** @param logOf the log of a location, or of a server as such */
  async serve(client: HttpConnection, reached: Reached, arrived: Arrived, logOf: (store: Store) => Log): Promise<void> {
    const { request, refused } = receive(client, reached, arrived, logOf, this.#subrequest);
    arrived.request = request;
    await this.#end(request, () => (refused === undefined ? this.#answering.phases.run(request) : refused));
  }

  /** @param output where the answer goes; it is never more than a page */
  async refuse(
    client: HttpConnection,
    { server }: Reached,
    broken: Broken,
    logOf: (store: Store) => Log,
  ): Promise<void> {
    const message = new IncomingMessage(client.asSocket ?? new Socket());
    const output = new ServerResponse(message);
    const request = new HttpRequest({
      client,
      message,
      output,
      body: new RequestBody(message, output, false, { awaitBody: () => {} }),
      headers: new RequestHeaders([]),
      store: server.store,
      serverName: server.name,
      host: undefined,
      ...lineParts(broken),
      logOf,
      subrequest: this.#subrequest,
      tagsOf,
      line: broken.line,
    });
    client.closing = true;
    request.action = broken.action;
    request.info(broken.text);
    request.action = undefined;
    if (broken.isSilent) {
      endSilently(request, broken.status, this.#answering.phases);
      return;
    }
    if (client.asSocket !== undefined) output.assignSocket(client.asSocket);
    output.once('finish', () => client.stream?.end());
    await this.#end(request, () => broken.status);
  }

  /** Whatever goes wrong with it, a request ends. */
  async #end(request: HttpRequest, run: () => number | Promise<number | 'done'>): Promise<void> {
    try {
      await answer(request, await run(), this.#answering);
    } catch (error) {
      await this.#fail(request, error);
    }
  }

  async #fail(request: HttpRequest, thrown: unknown): Promise<void> {
    const { phases } = this.#answering;
    const error = asHttpFault(thrown);
    const isFault = error instanceof HttpFault;
    if (!isFault) request.alert(`internal error: ${error instanceof Error ? error.message : String(error)}`);
    else if (error.message !== '') request.log.write(error.level, error.message, request);
    const status = isFault ? error.status : 500;
    if ((isFault && error.isSilent) || request.output.headersSent) {
      endSilently(request, status, phases);
      return;
    }
    request.response.reset();
    try {
      await answer(request, status, this.#answering);
    } catch {
      endSilently(request, status, phases);
    }
  }
}
