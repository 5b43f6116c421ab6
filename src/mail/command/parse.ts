// What every command parser returns.

/** `again`: the buffer ends before the command does. `literal`: IMAP, a `+ OK` is due before its bytes come. */
export const Parse = { again: 0, ok: 1, invalid: 2, literal: 3 } as const;
export type Parse = (typeof Parse)[keyof typeof Parse];
