// hash KEY consistent: a ring of points (ketama, as Cache::Memcached::Fast has it), so that few keys move with a peer.
import { crc32 } from 'node:zlib';
import type { Subject } from '../../script/subject.ts';
import type { Value } from '../../script/value.ts';
import type { Peer } from '../peer.ts';
import { type Balancer, type Picker, usable } from './balancer.ts';
import { ROUND_ROBIN } from './least-conn.ts';
import { roundRobin } from './round-robin.ts';

interface Point {
  readonly hash: number;
  readonly server: string;
}

const POINTS_OF_A_WEIGHT = 160;
const MAX_TRIES = 20;

/** Points of all servers by hash, each hash once. */
export function ringOf(peers: readonly Peer[]): readonly Point[] {
  const points: Point[] = [];
  const done = new Set<string>();
  for (const { server, parameters } of peers) {
    if (done.has(server)) continue;
    done.add(server);
    const base = Buffer.from(hostAndPort(server), 'latin1');
    let previous = 0;
    for (let i = 0; i < parameters.weight * POINTS_OF_A_WEIGHT; i++) {
      const bytes = Buffer.alloc(base.length + 4);
      base.copy(bytes);
      bytes.writeUInt32LE(previous, base.length);
      previous = crc32(bytes);
      points.push({ hash: previous, server });
    }
  }
  points.sort((a, b) => a.hash - b.hash);
  return points.filter((point, i) => i === 0 || point.hash !== points[i - 1]?.hash);
}

/** As the `server` line has them; a port that is not named counts for nothing. */
function hostAndPort(server: string): string {
  if (/^unix:/i.test(server)) return `${server.slice(5)}\0`;
  const port = /:(\d+)$/.exec(server);
  return port === null ? `${server}\0` : `${server.slice(0, port.index)}\0${port[1]}`;
}

/** The first point from the hash on; behind the last comes the first. */
export function pointFrom(ring: readonly Point[], hash: number): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ring[middle]?.hash ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function consistentPicker(ringFor: (peers: readonly Peer[]) => readonly Point[], key: Buffer): Picker {
  let at: number | undefined;
  let tries = 0;
  return {
    pick: (peers, tried, nowMs) => {
      if (peers.length < 2) return ROUND_ROBIN.pick(peers, tried, nowMs);
      const ring = ringFor(peers);
      at ??= pointFrom(ring, crc32(key));
      const among = usable(peers, tried, nowMs);
      while (tries <= MAX_TRIES) {
        const server = ring[at % ring.length]?.server;
        const best = roundRobin(
          among.filter((peer) => peer.server === server),
          nowMs,
        );
        if (best !== undefined) return best;
        at++;
        tries++;
      }
      return ROUND_ROBIN.pick(peers, tried, nowMs);
    },
  };
}

export function consistentBalancer<S extends Subject>(key: Value<S>): Balancer<S> {
  const rings = new WeakMap<readonly Peer[], readonly Point[]>();
  const ringFor = (peers: readonly Peer[]): readonly Point[] => {
    const ring = rings.get(peers) ?? ringOf(peers);
    rings.set(peers, ring);
    return ring;
  };
  return {
    allowsBackup: false,
    begin: (subject) => consistentPicker(ringFor, Buffer.from(key.of(subject), 'latin1')),
  };
}
