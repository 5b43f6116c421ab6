// What an SMTP client said before its login, as far as the auth server or the backend gets to know it.

export interface Envelope {
  /** The name of the last HELO or EHLO since TLS began. */
  helo: Buffer | undefined;
  /** The client used EHLO at some time in the session; never taken back. */
  esmtp: boolean;
  /** MAIL and RCPT as typed. */
  from: Buffer | undefined;
  to: Buffer | undefined;
}
