// Plays one case to one slot and writes down what everybody saw.
import { latin1, show } from '../support/bytes.ts';
import { type AuthAnswer, type AuthScript, response } from '../support/fake-auth.ts';
import { type BackendScript, echo, imapBackend, pop3Backend, silence, smtpBackend } from '../support/fake-backend.ts';
import { connect, type Wire } from '../support/wire.ts';
import type { Slot } from './arena.ts';
import { type AuthStep, type Backend, type Case, ok, type Protocol, type Step } from './case.ts';
import { type Closing, neutral, type Observation, records } from './observation.ts';
import { ReplyCounter } from './replies.ts';
import { type Random, split } from './seeded.ts';

/** How long a reply or a close may take, in milliseconds: more than any Auth-Wait or timeout in the cases. */
const PATIENCE_MS = 4000;

/** An observation without the log, which may be written a little later: `readLog` reads what is there now. */
export interface Played {
  readonly seen: Observation;
  readLog(): string[];
}

export async function play(slot: Slot, kase: Case, random: Random): Promise<Played> {
  slot.auth.requests.splice(0);
  slot.auth.incomplete.splice(0);
  slot.backend.peers.splice(0);
  slot.auth.script = authScript(kase.auth ?? [ok()], slot);
  slot.backend.script = backendScript(kase.backend, kase.protocol);
  const logStart = slot.log.text().length;
  const client = await Client.connect(slot, kase, random);
  const closing = await client.run();
  for (const peer of slot.backend.peers)
    await peer.closed(PATIENCE_MS).catch(() => client.note('backend connection left open'));
  const here = { host: slot.host, clientPort: client.port };
  const readLog = (): string[] => records(slot.log.text().slice(logStart), here);
  const seen: Observation = {
    client: neutral(client.received, here),
    closing,
    reset: client.reset,
    trouble: client.trouble,
    auth: slot.auth.requests.map((r) => neutral(r.raw.toString('latin1'), here)),
    backend: slot.backend.peers.map((p) => neutral(p.received.toString('latin1'), here)),
    log: [],
  };
  return { seen, readLog };
}

function authScript(steps: readonly AuthStep[], slot: Slot): AuthScript {
  const fill = (text: string): string =>
    text.replaceAll('$HOST', slot.host).replaceAll('$PORT', String(slot.backend.port));
  return (_request, index): AuthAnswer => {
    const step = steps[Math.min(index, steps.length - 1)];
    if (step === undefined) return { bytes: '', ending: 'close' };
    if ('headers' in step) return { bytes: fill(response(...step.headers)) };
    return {
      bytes: fill(step.raw),
      ending: step.ending ?? 'wait',
      ...(step.piece === undefined ? {} : { piece: step.piece }),
    };
  };
}

function backendScript(spec: Backend | undefined, protocol: Protocol): BackendScript {
  if (spec === undefined) return { imap: imapBackend, pop3: pop3Backend, smtp: smtpBackend }[protocol];
  return async (peer, index) => {
    let tag: string | undefined;
    if (spec.proxyLine) await peer.line();
    for (const [step, text] of spec.texts.entries()) {
      if (step > 0) {
        const line = await peer.line();
        tag ??= line.split(/[ \r\n]/)[0];
      }
      if (text === null) return;
      if (text === 'RESET') return peer.reset();
      await inPieces(peer, text.replaceAll('$TAG', tag ?? '*'), spec.piece);
    }
    if (spec.after === 'silence') await silence(peer, index);
    if (spec.after !== 'close') await echo(peer, index);
  };
}

async function inPieces(peer: Wire, text: string, piece = text.length): Promise<void> {
  for (let at = 0; at < text.length; at += Math.max(1, piece)) {
    await peer.send(text.slice(at, at + piece));
    await turn();
  }
}

/** Lets the event loop turn, so that the next write is a segment of its own. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

class Client {
  readonly trouble: string[] = [];
  readonly #wire: Wire;
  readonly #slot: Slot;
  readonly #case: Case;
  readonly #random: Random;
  readonly #replies: ReplyCounter;
  #wanted = 0;
  #wake: (() => void) | undefined;
  readonly port: number;

  constructor(wire: Wire, slot: Slot, kase: Case, random: Random) {
    this.#wire = wire;
    this.port = wire.localPort;
    this.#slot = slot;
    this.#case = kase;
    this.#random = random;
    this.#replies = new ReplyCounter(kase.protocol);
    wire.onChunk((chunk) => {
      this.#replies.push(chunk);
      this.#wake?.();
    });
  }

  static async connect(slot: Slot, kase: Case, random: Random): Promise<Client> {
    const wire = await connect({ host: slot.host, port: slot.port, localAddress: '127.0.0.1' });
    return new Client(wire, slot, kase, random);
  }

  get received(): string {
    return this.#wire.received.toString('latin1');
  }

  /** Whether the server ended the connection by a reset, which may swallow its last bytes. */
  get reset(): boolean {
    return this.#wire.ending === 'reset';
  }

  note(trouble: string): void {
    this.trouble.push(trouble);
  }

  async run(): Promise<Closing> {
    if (this.#case.tls) await this.#startTls();
    if (this.#case.greeting !== false) await this.#await(1, 'the greeting');
    for (const step of this.#case.steps) {
      await this.#step(step);
      if (typeof step === 'object' && 'end' in step && step.end === 'reset') return 'reset by client';
    }
    if (this.#case.quietMs !== undefined) await this.#await(Number.POSITIVE_INFINITY, 'the end');
    const last = this.#case.steps.at(-1);
    const byServer = typeof last === 'object' && 'until' in last;
    if (!byServer) this.#wire.end();
    const closed = await this.#wire.closed(PATIENCE_MS).catch(() => undefined);
    this.#wire.destroy();
    if (closed === undefined) return 'never';
    return byServer ? 'by server' : 'after client';
  }

  async #step(step: Step): Promise<void> {
    if (typeof step === 'string') return this.#send(step, lineEnds(step), false);
    if ('send' in step) return this.#send(step.send, step.replies ?? lineEnds(step.send), step.whole === true);
    if ('tls' in step) return this.#startTls();
    if ('backend' in step) {
      await (await this.#slot.backend.peer(0)).send(step.backend);
      return this.#await(step.replies ?? lineEnds(step.backend), show(step.backend));
    }
    if ('backendEnd' in step) {
      const peer = await this.#slot.backend.peer(0);
      return step.backendEnd === 'close' ? peer.end() : peer.reset();
    }
    if ('end' in step) return step.end === 'close' ? this.#wire.end() : this.#wire.reset();
    await this.#wire.closed(PATIENCE_MS).catch(() => this.note('the server did not close'));
  }

  async #send(text: string, replies: number, whole: boolean): Promise<void> {
    const bytes = latin1(text);
    for (const piece of whole ? [bytes] : split(this.#random, bytes)) {
      await this.#wire.send(piece);
      await turn();
    }
    await this.#await(replies, `${replies} replies to ${show(text, 60)}`);
  }

  async #await(replies: number, what: string): Promise<void> {
    this.#wanted += replies;
    const deadline = Date.now() + PATIENCE_MS;
    const quiet = this.#case.quietMs;
    let seen = this.#activity();
    while (this.#replies.count < this.#wanted && this.#wire.ending === 'open') {
      const until = quiet === undefined ? deadline : Math.min(deadline, Date.now() + quiet);
      if (await this.#event(until)) continue;
      const now = this.#activity();
      if (quiet !== undefined && (now === seen || until === deadline)) {
        this.#wanted = this.#replies.count;
        return;
      }
      if (quiet === undefined) return this.note(`missing: ${what}`);
      seen = now;
    }
  }

  /** Grows with everything that anybody receives. */
  #activity(): number {
    const { auth, backend } = this.#slot;
    return (
      auth.requests.length + backend.peers.reduce((sum, peer) => sum + 1 + peer.receivedBytes, this.#wire.receivedBytes)
    );
  }

  /** Waits for bytes or the end; false when the deadline passed. */
  #event(deadline: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()));
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  async #startTls(): Promise<void> {
    try {
      await this.#wire.startTls();
    } catch {
      this.note('the TLS handshake failed');
    }
  }
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}
