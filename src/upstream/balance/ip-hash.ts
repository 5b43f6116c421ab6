// ip_hash: clients of a network, three bytes of an IPv4 address, keep going to the same peer.
import { parseIp } from '../../core/ip.ts';
import type { Balancer, Picker } from './balancer.ts';
import { peerAt, totalWeight } from './by-weight.ts';
import { ROUND_ROBIN } from './least-conn.ts';

/** What clients are told apart by; one of a unix socket has none. */
export function ipHashKey(client: string | undefined): Uint8Array {
  const bytes = client === undefined ? undefined : parseIp(client);
  if (bytes === undefined) return new Uint8Array(3);
  return bytes.length === 4 ? bytes.subarray(0, 3) : bytes;
}

/** nginx's own function: a client stays where it was when Postern takes its place. */
const SEED = 89;
const FACTOR = 113;
const MODULUS = 6271;

/** After so many misses round robin decides. */
const MAX_TRIES = 20;

export function ipHashPicker(key: Uint8Array): Picker {
  let hash = SEED;
  let tries = 0;
  return {
    pick: (peers, tried, nowMs) => {
      if (peers.length < 2) return ROUND_ROBIN.pick(peers, tried, nowMs);
      const total = totalWeight(peers);
      while (tries++ <= MAX_TRIES) {
        for (const byte of key) hash = (hash * FACTOR + byte) % MODULUS;
        const peer = peerAt(peers, hash % total);
        if (peer !== undefined && !tried.has(peer) && peer.isUsable(nowMs)) return peer;
      }
      return ROUND_ROBIN.pick(peers, tried, nowMs);
    },
  };
}

/** @param clientOf the address of a client */
export const ipHashBalancer = <S>(clientOf: (subject: S) => string | undefined): Balancer<S> => ({
  allowsBackup: false,
  begin: (subject) => ipHashPicker(ipHashKey(clientOf(subject))),
});
