// The HTTP client of the differential test: sends the parts of a case, and sees whether the connection stays open.
import { latin1 } from '../../support/bytes.ts';
import { connect, type Wire } from '../../support/wire.ts';
import { type Random, split } from '../seeded.ts';
import { type Answer, field, isFinal, parseAnswers } from './answers.ts';
import type { Ground } from './arena.ts';
import type { Door, HttpCase, Part } from './site.ts';

/** How long an answer or a close may take, in milliseconds: more than any timeout in the cases. */
const PATIENCE_MS = 5000;

export interface Talk {
  readonly answers: readonly Answer[];
  /** What became of the connection behind the last answer. */
  readonly ending: string;
}

/** It may stand right behind a body. */
const REQUEST_LINE = /([A-Z]+) \S+ HTTP\/1\.\d\r$/gm;
/** In how many places the bytes of a part are cut at most. */
const CUTS = 1;
/** Nothing comes behind it. */
const PROBE = 'GET /-probe- HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n';

export async function talk(ground: Ground, kase: HttpCase, random: Random): Promise<Talk> {
  const wire = await connect({ ...door(ground, kase.to ?? 'LISTEN'), localAddress: '127.0.0.1' });
  try {
    return await converse(wire, kase, random);
  } finally {
    wire.destroy();
  }
}

function door({ host, ports }: Ground, to: Door): { readonly host: string; readonly port: number } {
  const [name = '', address = 'HOST'] = to.split(' on ');
  const port = ports.get(name);
  if (port === undefined) throw new Error(`the site does not listen at @${name}@`);
  return { host: address === 'HOST' ? host : address, port };
}

async function converse(wire: Wire, kase: HttpCase, random: Random): Promise<Talk> {
  const methods: string[] = [];
  const seen = (): Answer[] => parseAnswers(wire.received.toString('latin1'), methods);
  const finals = (): Answer[] => seen().filter((answer) => isFinal(answer.statusLine));
  let wanted = 0;
  for (const part of kase.parts) {
    const { send, answers, until } = options(part);
    const sent = [...send.matchAll(REQUEST_LINE)].map(([, method = '']) => method);
    methods.push(...sent);
    await sendCut(wire, send, kase.whole ? undefined : random);
    if (kase.ends && part === kase.parts.at(-1)) break;
    if (until === 'continue') {
      await reached(wire, () => seen().length > wanted);
      continue;
    }
    wanted += answers ?? Math.max(1, sent.length);
    await reached(wire, () => finals().filter(({ complete }) => complete).length >= wanted);
  }
  if (kase.ends) wire.end();
  const got = seen();
  const last = got.at(-1);
  if (last !== undefined && !kase.ends && field(last.fields, 'connection') === 'keep-alive' && last.complete) {
    return { answers: got, ending: await probe(wire) };
  }
  const isClosed = await reached(wire, () => wire.ending !== 'open');
  return { answers: seen(), ending: isClosed ? 'closed' : 'left open' };
}

const options = (part: Part): Exclude<Part, string> => (typeof part === 'string' ? { send: part } : part);

async function sendCut(wire: Wire, text: string, random: Random | undefined): Promise<void> {
  const bytes = latin1(text);
  for (const piece of random === undefined ? [bytes] : split(random, bytes, CUTS)) {
    await wire.send(piece);
    await new Promise((resolve) => setImmediate(resolve)); // the next write is a segment of its own
  }
}

/** Whether another request is answered, as `Connection: keep-alive` promises. */
async function probe(wire: Wire): Promise<string> {
  const before = wire.receivedBytes;
  await wire.send(PROBE);
  await reached(wire, () => wire.ending !== 'open');
  const text = wire.received.subarray(before).toString('latin1');
  return text.startsWith('HTTP/1.1 ') ? 'stays open' : `not as promised: ${text}`;
}

/** @returns whether it came to that in time, or before the server closed */
async function reached(wire: Wire, isSo: () => boolean): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    const ms = deadline - Date.now();
    if (wire.ending !== 'open' || ms <= 0) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wire.onChunk(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  return true;
}
