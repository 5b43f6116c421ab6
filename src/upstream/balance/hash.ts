// hash KEY: what has the same key goes to the same peer, as Cache::Memcached for Perl spreads its keys.
import { crc32 } from 'node:zlib';
import type { Subject } from '../../script/subject.ts';
import type { Value } from '../../script/value.ts';
import type { Balancer, Picker } from './balancer.ts';
import { peerAt, totalWeight } from './by-weight.ts';
import { ROUND_ROBIN } from './least-conn.ts';

/** After so many misses round robin decides. */
const MAX_TRIES = 20;

export function hashPicker(key: Buffer): Picker {
  let hash = 0;
  let rehash = 0;
  let tries = 0;
  return {
    pick: (peers, tried, nowMs) => {
      if (peers.length < 2 || key.length === 0) return ROUND_ROBIN.pick(peers, tried, nowMs);
      const total = totalWeight(peers);
      while (tries++ <= MAX_TRIES) {
        const text = rehash === 0 ? key : Buffer.concat([Buffer.from(String(rehash)), key]);
        hash += (crc32(text) >>> 16) & 0x7fff;
        rehash++;
        const peer = peerAt(peers, hash % total);
        if (peer !== undefined && !tried.has(peer) && peer.isUsable(nowMs)) return peer;
      }
      return ROUND_ROBIN.pick(peers, tried, nowMs);
    },
  };
}

export const hashBalancer = <S extends Subject>(key: Value<S>): Balancer<S> => ({
  allowsBackup: false,
  begin: (subject) => hashPicker(Buffer.from(key.of(subject), 'latin1')),
});
