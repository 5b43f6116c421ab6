// What a case of the behaviour spec is: one session, written down to the byte on all three sides.

import type { BackendScript } from '../fake-backend.ts';
import type { Answer, Block } from './arena.ts';
import type { Asked } from './request.ts';
import type { Line } from './transcript.ts';
import type { Protocol } from './transport.ts';

/** What a script may put into its lines. */
export interface Facts {
  readonly user: string;
  /** The client's address as XCLIENT says it. */
  readonly address: string;
}

export interface Script {
  readonly lines: readonly Line[];
  /** What the auth server is asked, in order; by default nothing. */
  readonly asks?: readonly Asked[];
  /** All that the backend gets; by default nobody connects. */
  readonly sees?: string;
}

export interface SpecCase {
  readonly name: string;
  readonly protocol: Protocol;
  /** The server block; by default the one named as the protocol. */
  readonly block: string;
  readonly script: (facts: Facts) => Script;
  readonly answers?: readonly Answer[];
  readonly backend?: BackendScript;
  /** The result depends on what comes in one segment. */
  readonly whole?: true;
}

type Extra = Partial<Pick<SpecCase, 'block' | 'answers' | 'backend' | 'whole'>>;

/** A maker of cases of one protocol: of lines alone, or of a function that makes a script for the user. */
export function casesOf(
  protocol: Protocol,
): (name: string, script: readonly Line[] | ((facts: Facts) => Script), extra?: Extra) => SpecCase {
  return (name, script, extra = {}) => ({
    name,
    protocol,
    block: protocol,
    script: typeof script === 'function' ? script : () => ({ lines: script }),
    ...extra,
  });
}

const every = (protocol: Protocol, conf: string): Block => ({ protocol, conf });

/** The server blocks of the spec. */
export const SPEC_BLOCKS: Readonly<Record<string, Block>> = {
  imap: every('imap', ''),
  'imap-all': every(
    'imap',
    'imap_auth external cram-md5 login plain; imap_capabilities IMAP4rev1 IDLE; imap_capabilities X;',
  ),
  'imap-small': every('imap', 'imap_client_buffer 64; max_errors 2;'),
  'imap-proxy-1': every('imap', 'proxy_protocol on;'),
  'imap-proxy-2': every('imap', 'proxy_protocol v2;'),
  pop3: every('pop3', ''),
  'pop3-all': every(
    'pop3',
    'pop3_auth external cram-md5 apop plain; pop3_capabilities TOP "EXPIRE 60 USER"; pop3_capabilities UIDL;',
  ),
  'pop3-apop': every('pop3', 'pop3_auth apop; max_errors 2;'),
  smtp: every('smtp', ''),
  'smtp-all': every(
    'smtp',
    'smtp_auth external cram-md5 login plain; smtp_capabilities "SIZE 10240000"; smtp_capabilities 8BITMIME;',
  ),
  'smtp-none': every('smtp', 'smtp_auth none;'),
  'smtp-quiet': every('smtp', 'smtp_auth plain none; xclient off;'),
  'smtp-login': every('smtp', 'proxy_smtp_auth on;'),
  'smtp-small': every('smtp', 'smtp_client_buffer 64; max_errors 2;'),
};
