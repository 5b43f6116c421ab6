// Where an outgoing connection goes: to the auth server, or to a backend.

export type DialTarget =
  | { readonly kind: 'inet'; readonly address: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };
