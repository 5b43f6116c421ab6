// What a protocol can do, as CAPABILITY, CAPA or EHLO tell it: one of three texts, made when the configuration is read.
import type { Session } from './session.ts';

export interface Capabilities {
  /** With TLS, or with `starttls off`. */
  readonly withoutStarttls: Buffer;
  /** In clear with `starttls on`. */
  readonly withStarttls: Buffer;
  /** In clear with `starttls only`: nobody can log in yet. */
  readonly onlyStarttls: Buffer;
}

/** The text that is true now. */
export function capabilitiesOf(session: Session, texts: Capabilities): Buffer {
  if (!session.offersStarttls) return texts.withoutStarttls;
  return session.starttls === 'only' ? texts.onlyStarttls : texts.withStarttls;
}
