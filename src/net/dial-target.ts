// Where an outgoing connection goes: to the auth server, or to a backend.
import type { SocketAddress } from '../core/address.ts';

export interface LocalEnd {
  readonly address: string;
  /** 0: the system chooses. */
  readonly port: number;
}

export type DialTarget =
  | {
      readonly kind: 'inet';
      readonly address: string;
      readonly port: number;
      /** Where it comes from. */
      readonly local?: LocalEnd | undefined;
      /** The system probes the connection while it is idle. */
      readonly probes?: boolean;
    }
  | { readonly kind: 'unix'; readonly path: string };

export const dialTarget = (address: SocketAddress): DialTarget =>
  address.kind === 'inet'
    ? { kind: 'inet', address: address.ip, port: address.port }
    : { kind: 'unix', path: address.path };
