// A request within a request: it goes its own way through the phases, and nobody is sent its answer.
import { Readable } from 'node:stream';
import type { ByteString } from '../../conf/directive.ts';
import { type Answering, NO_ANSWER } from '../answer/answer.ts';
import { serverNameOf } from '../answer/server-tokens.ts';
import { answerStatus } from '../answer/special.ts';
import { HttpRequest } from './request.ts';

/** Bytes of a body that is read to its end, so that the connection of its upstream can be used again. */
const WORTH_READING = 16_384;

/** @returns the request, answered; or the status with which the client's connection ends without an answer */
export async function runSubrequest(
  main: HttpRequest,
  uri: ByteString,
  { phases, version }: Answering,
): Promise<HttpRequest | number> {
  const inner = new HttpRequest({ ...main.init, target: { uri, args: '', host: undefined, sent: main.sentUri }, main });
  let outcome = await phases.run(inner);
  while (typeof outcome === 'number') {
    if (NO_ANSWER.includes(outcome)) return outcome;
    const next = answerStatus(inner, outcome, serverNameOf(inner, version));
    if (next === undefined) break;
    outcome = await phases.goOn(inner, next);
  }
  const { response } = inner;
  if (response.errorStatus !== 0) response.status = response.errorStatus;
  letGo(inner);
  return inner;
}

function letGo({ response }: HttpRequest): void {
  const { body } = response;
  if (!(body instanceof Readable)) {
    response.setBody(undefined);
    return;
  }
  let left = WORTH_READING;
  body.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) body.destroy();
  });
}
