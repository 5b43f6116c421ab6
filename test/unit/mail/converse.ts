// A protocol's side of a session without a connection: lines in, outcomes out.

import { Parse } from '../../../src/mail/command/parse.ts';
import type { Outcome, ProtocolSession } from '../../../src/mail/protocol.ts';
import { LineBuffer } from '../../../src/net/line-buffer.ts';
import { bytes, type Stage, serverFrom, stage } from './doubles.ts';

export interface Conversation extends Stage {
  readonly state: ProtocolSession;
  /** Each line with its line end; gives the replies in one text, other outcomes in angle brackets. */
  say(...lines: readonly string[]): string;
}

/** @param block directives of the mail block @param port says which protocol */
export function converse(port: 25 | 110 | 143, block = '', setup: Parameters<typeof stage>[0] = {}): Conversation {
  const { store, core } = serverFrom(`auth_http 127.0.0.1:9; ${block} server { listen 127.0.0.1:${port}; }`);
  const on = stage({ store, ...setup });
  const state = core.protocol.open(on.session);
  const buffer = new LineBuffer(4096);
  const tell = (outcome: Outcome): string => {
    switch (outcome.kind) {
      case 'reply':
        return outcome.bytes.toString('latin1');
      case 'refused':
        return state.invalid(buffer).toString('latin1');
      case 'quit':
      case 'starttls':
        return `<${outcome.kind}>${outcome.bytes.toString('latin1')}`;
      case 'auth': {
        const { method, user, pass } = on.session.credentials ?? {};
        return `<${method} ${user} ${pass}>`;
      }
      default:
        return outcome satisfies never;
    }
  };
  const say = (line: string): string => {
    buffer.fill(bytes(line));
    let replies = '';
    for (let parse = state.parse(buffer); parse !== Parse.again; parse = state.parse(buffer)) {
      if (parse === Parse.literal) {
        replies += state.literalReply?.toString('latin1') ?? '';
        continue; // offsets into the buffer go on
      }
      replies += parse === Parse.ok ? tell(state.execute(buffer)) : state.invalid(buffer).toString('latin1');
      if (buffer.pos === buffer.last && !state.keepsBuffer) buffer.reset();
    }
    return replies;
  };
  return { ...on, state, say: (...lines) => lines.map(say).join('') };
}
