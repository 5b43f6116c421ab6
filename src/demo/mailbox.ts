// The only mailbox of the demo, in memory: what SMTP delivers, and IMAP and POP3 show. It ends with the process.

/** Bounds of the demo: one message, and all of them. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_MESSAGES = 200;
const MAX_TOTAL_BYTES = 16 * 1024 * 1024;

export interface Message {
  /** Never used twice (RFC 3501, section 2.3.1.1). */
  readonly uid: number;
  /** Header, empty line, body; lines end in CRLF. */
  readonly bytes: Buffer;
  readonly received: Date;
  /** IMAP flags such as `\Seen`. */
  readonly flags: Set<string>;
}

export class Mailbox {
  /** Changes when the demo is started anew, so that clients forget what they stored. */
  readonly uidValidity = Math.floor(Date.now() / 1000);
  #messages: Message[] = [];
  #nextUid = 1;
  #bytes = 0;
  readonly #watchers = new Set<() => void>();

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get nextUid(): number {
    return this.#nextUid;
  }

  /** Adds a message; false where the mailbox is full or the message is too large. */
  append(bytes: Buffer, received = new Date()): boolean {
    const tooMuch = bytes.length > MAX_MESSAGE_BYTES || this.#bytes + bytes.length > MAX_TOTAL_BYTES;
    if (tooMuch || this.#messages.length >= MAX_MESSAGES) return false;
    this.#messages.push({
      uid: this.#nextUid++,
      bytes,
      received,
      flags: new Set(),
    });
    this.#bytes += bytes.length;
    this.#changed();
    return true;
  }

  /** Removes the messages of these UIDs for good. */
  remove(uids: ReadonlySet<number>): void {
    this.#messages = this.#messages.filter(({ uid }) => !uids.has(uid));
    this.#bytes = this.#messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#changed();
  }

  /** Calls back after every change, until the returned function is called. */
  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#watchers) listener();
  }
}

/** Cuts a message behind the empty line that ends its header; the header keeps that line. */
export function splitMessage(bytes: Buffer): {
  readonly header: Buffer;
  readonly body: Buffer;
} {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { header: bytes, body: Buffer.alloc(0) };
  return { header: bytes.subarray(0, end + 4), body: bytes.subarray(end + 4) };
}

const SAMPLES = [
  {
    subject: 'Welcome to the demo',
    text: [
      'Your client logged in to Postern, which asked the demo auth service and then logged in',
      'to the demo IMAP or POP3 backend that holds this message.',
    ],
  },
  {
    subject: 'How a login goes',
    text: [
      'The demo prints the log at level info: one line when a client connects, one when it has',
      'logged in, with the backend that was chosen, and one when the session is over.',
    ],
  },
  {
    subject: 'Send a message',
    text: ['What is sent through the SMTP port arrives in this mailbox, whoever it is for.', '.. nothing leaves it.'],
  },
];

/** A mailbox with a few messages from the hours before. */
export function sampleMailbox(now = new Date()): Mailbox {
  const mailbox = new Mailbox();
  for (const [i, { subject, text }] of SAMPLES.entries()) {
    const date = new Date(now.getTime() - (SAMPLES.length - i) * 3_600_000);
    const lines = [
      'From: Postern demo <postmaster@example.org>',
      'To: Demo <demo@example.org>',
      `Subject: ${subject}`,
      `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <sample-${i + 1}@example.org>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      ...text,
      '',
    ];
    mailbox.append(Buffer.from(lines.join('\r\n')), date);
  }
  return mailbox;
}
