// The server blocks of the random mode, and what each of them may be sent.
import type { Block } from '../arena.ts';

export interface RandomBlock extends Block {
  readonly conf: string;
  /** Size of the command buffer, in bytes. */
  readonly buffer: number;
}

export const BLOCKS: readonly RandomBlock[] = [
  { protocol: 'imap', conf: '', buffer: 4096 },
  {
    protocol: 'imap',
    conf: 'imap_auth plain login cram-md5; max_errors 3; proxy_pass_error_message on;',
    buffer: 4096,
  },
  { protocol: 'imap', conf: 'imap_auth external; max_errors 20;', buffer: 4096 },
  { protocol: 'imap', conf: 'starttls only; max_errors 9;', buffer: 4096 },
  { protocol: 'pop3', conf: 'max_errors 20;', buffer: 128 },
  { protocol: 'pop3', conf: 'pop3_auth plain apop cram-md5; proxy_pass_error_message on;', buffer: 128 },
  { protocol: 'pop3', conf: 'pop3_auth external; starttls on; max_errors 3;', buffer: 128 },
  { protocol: 'pop3', conf: 'starttls only;', buffer: 128 },
  { protocol: 'smtp', conf: 'max_errors 20;', buffer: 4096 },
  { protocol: 'smtp', conf: 'smtp_auth plain login none; smtp_capabilities SIZE;', buffer: 4096 },
  { protocol: 'smtp', conf: 'smtp_auth cram-md5 none; xclient off; proxy_smtp_auth on;', buffer: 4096 },
  { protocol: 'smtp', conf: 'smtp_auth external plain; xclient off; proxy_pass_error_message on;', buffer: 4096 },
  { protocol: 'smtp', conf: 'starttls only;', buffer: 4096 },
];
