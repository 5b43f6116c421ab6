// Ends a request: gives a bare status its page or error page, runs the filters, sends the answer, and tells the logs.
import { clientModule } from '../connection/client-module.ts';
import type { Phases } from '../phases.ts';
import type { HttpRequest } from '../request/request.ts';
import { buildHead } from './head.ts';
import { sendAnswer } from './send.ts';
import { serverNameOf } from './server-tokens.ts';
import { answerStatus } from './special.ts';

/** The connection is closed without an answer: by return, as the client took too long, as it is gone. */
export const NO_ANSWER: readonly number[] = [444, 408, 499];
const CLIENT_GONE = 499;
/** The connection was another protocol's from there on, and is gone. */
export const SWITCHED = 101;

export interface Answering {
  readonly phases: Phases;
  /** Of the package. */
  readonly version: string;
}

/** @param first what the phases came to @throws HttpFault where the client has broken off its body */
export async function answer(request: HttpRequest, first: number | 'done', answering: Answering): Promise<void> {
  const { phases, version } = answering;
  const { response, output } = request;
  let outcome: number | 'done' = first;
  for (;;) {
    if (outcome === SWITCHED) return endSilently(request, SWITCHED, phases);
    if (outcome === 'done') {
      request.body.accept();
      if (request.body.fault?.isSilent === false) throw request.body.fault;
    }
    if (output.destroyed) return endSilently(request, CLIENT_GONE, phases);
    if (typeof outcome === 'number') {
      if (NO_ANSWER.includes(outcome)) return endSilently(request, outcome, phases);
      const next = answerStatus(request, outcome, serverNameOf(request, version));
      if (next !== undefined) {
        outcome = await phases.goOn(request, next);
        continue;
      }
    }
    if (response.errorStatus !== 0) response.status = response.errorStatus;
    const refused = runFilters(request, phases);
    if (refused === undefined) break;
    outcome = refused;
  }
  const { client } = request;
  const { keepaliveMs } = request.conf(clientModule.loc);
  const head = buildHead(request, serverNameOf(request, version), keepsAlive(request));
  if (!head.keepsAlive) client.closing = true;
  client.keepaliveMs = keepaliveMs;
  sendAnswer(request, head, () => tellLogs(request, phases));
}

/** Closes the connection. */
export function endSilently(request: HttpRequest, status: number, phases: Phases): void {
  request.response.reset();
  request.response.status = status;
  request.client.abort();
  tellLogs(request, phases);
}

function runFilters(request: HttpRequest, { filters }: Phases): number | undefined {
  for (const filter of filters) {
    const refused = filter(request, request.response);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function tellLogs(request: HttpRequest, { logs }: Phases): void {
  if (request.isLogged) return;
  request.isLogged = true;
  for (const log of logs) log(request);
}

function keepsAlive(request: HttpRequest): boolean {
  const { client, output } = request;
  const { keepaliveMs, keepaliveRequests, keepaliveTimeMs } = request.conf(clientModule.loc);
  return (
    output.shouldKeepAlive &&
    !client.closing &&
    keepaliveMs > 0 &&
    client.requests < keepaliveRequests &&
    Date.now() - client.startedMs <= keepaliveTimeMs
  );
}
