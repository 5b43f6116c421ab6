// Where an outgoing connection goes: to the auth server, or to a backend.

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
