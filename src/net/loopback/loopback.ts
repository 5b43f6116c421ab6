// Connections to listeners of this very process: they are made in memory, and others by the transport.
import { networkInterfaces } from 'node:os';
import { isWildcard, type SocketAddress } from '../../core/address.ts';
import type { Connection, ConnHandler, RequestConnection } from '../connection.ts';
import type { DialTarget } from '../dial-target.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ArrivalListening, Dialer } from '../transport.ts';
import { MemoryConnection } from './memory-connection.ts';

/** A listener that can be had without a socket. */
export interface LocalListening extends ArrivalListening<RequestConnection> {
  /** Who connects to that address of it has to begin with TLS. */
  isTls(localAddress: string | undefined): boolean;
}

/** Where Linux takes ports from for who connects. */
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;

export class Loopback implements Dialer {
  readonly #transport: Dialer;
  #listenings: readonly LocalListening[] = [];
  readonly #found = new Map<DialTarget, LocalListening | undefined>();
  #port = LAST_PORT;

  constructor(transport: Dialer) {
    this.#transport = transport;
  }

  /** This process accepts on these. */
  open(listenings: readonly LocalListening[]): void {
    this.#listenings = listenings;
    this.#found.clear();
  }

  /** It accepts no more. What is connected stays so. */
  close(): void {
    this.open([]);
  }

  dial(target: DialTarget, handler: ConnHandler): Connection {
    const listening = this.#find(target);
    if (listening === undefined) return this.#transport.dial(target, handler);
    const [near, far] = MemoryConnection.pair(handler);
    const client = target.kind === 'unix' ? undefined : { address: sourceOf(target.address), port: this.#nextPort() };
    const local: Endpoint | undefined = target.kind === 'unix' ? undefined : target;
    listening.accept({ connection: far, client: () => client, local: () => local });
    return near;
  }

  #find(target: DialTarget): LocalListening | undefined {
    const known = this.#found.get(target);
    if (known !== undefined || this.#found.has(target)) return known;
    const reached =
      this.#listenings.find(({ address }) => isSame(address, target)) ??
      this.#listenings.find(({ address }) => covers(address, target));
    const isTls = reached?.isTls(target.kind === 'unix' ? undefined : target.address) === true;
    const found = isTls ? undefined : reached;
    this.#found.set(target, found);
    return found;
  }

  #nextPort(): number {
    this.#port = this.#port === LAST_PORT ? FIRST_PORT : this.#port + 1;
    return this.#port;
  }
}

function isSame(address: SocketAddress, target: DialTarget): boolean {
  if (address.kind === 'unix') return target.kind === 'unix' && address.path === target.path;
  return (
    target.kind === 'inet' && address.ip === target.address && address.port === target.port && !isWildcard(address)
  );
}

/** A wildcard has the connections to every address of this machine that is of its family. */
function covers(address: SocketAddress, target: DialTarget): boolean {
  if (address.kind === 'unix' || target.kind === 'unix' || !isWildcard(address)) return false;
  const isFamily = (address.bytes.length === 16) === target.address.includes(':');
  return isFamily && address.port === target.port && isOwn(target.address);
}

function isOwn(address: string): boolean {
  return isLoopback(address) || ownAddresses().includes(address);
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function ownAddresses(): string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
  } catch {
    return []; // then connections go by sockets
  }
}

/** The system speaks from the address itself, and from 127.0.0.1 to all of 127.0.0.0/8. */
const sourceOf = (address: string): string => (address.startsWith('127.') ? '127.0.0.1' : address);
