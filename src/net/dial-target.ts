// Where an outgoing connection goes: to the auth server, or to a backend.

export type DialTarget =
  | {
      readonly kind: 'inet';
      readonly address: string;
      readonly port: number;
      /** Where it comes from; port 0: the system chooses. */
      readonly local?: { readonly address: string; readonly port: number } | undefined;
      /** The system probes the connection while it is idle. */
      readonly probes?: boolean;
    }
  | { readonly kind: 'unix'; readonly path: string };
