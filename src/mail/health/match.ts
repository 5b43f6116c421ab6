// The match block: what a check says to a backend, and what the backend has to answer.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { makers } from '../script/late.ts';

export interface Match {
  /** undefined: nothing is said. */
  readonly send: Buffer | undefined;
  /**
   * Looks at all that has come so far; undefined: nothing has to come.
   * @throws MatchFault where the search takes too long
   */
  readonly accepts: ((text: ByteString) => boolean) | undefined;
}

export interface MatchRaw {
  send: ByteString | undefined;
  accepts: Match['accepts'];
}

const inMatch = { contexts: ['mail.match'] } as const;

/** `\x` and two digits are a byte. */
const HEX = /\\x([0-9a-f]{2})/gi;
const withBytes = (text: ByteString): ByteString =>
  text.replace(HEX, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

export const matchDirectives: readonly Directive<MatchRaw>[] = [
  {
    name: 'send',
    ...inMatch,
    arity: args(1),
    doc: {
      syntax: 'send string;',
      summary: 'What is sent to the backend as soon as the connection stands; \\x and two digits are a byte.',
    },
    set: (_cf, [text = ''], conf) => {
      if (conf.send !== undefined) return new Fault('is duplicate');
      conf.send = withBytes(text);
      return undefined;
    },
  },
  {
    name: 'expect',
    ...inMatch,
    arity: args(1, 2),
    doc: {
      syntax: 'expect string | ~ regex | ~* regex;',
      summary: 'What has to be found in the first bytes of the answer, as many as proxy_buffer has.',
      values: ['~', '~*'],
    },
    set: (_cf, [first = '', regex], conf) => {
      if (conf.accepts !== undefined) return new Fault('is duplicate');
      const accepts = regex === undefined ? contains(withBytes(first)) : matches(first, regex);
      if (accepts instanceof Fault) return accepts;
      conf.accepts = accepts;
      return undefined;
    },
  },
];

const contains = (part: ByteString) => (text: ByteString) => text.includes(part);

function matches(operator: ByteString, source: ByteString): Fault | NonNullable<Match['accepts']> {
  if (operator !== '~' && operator !== '~*') return whole(`invalid parameter "${operator}"`);
  const regex = makers().compileRegex(source, operator === '~*');
  return regex instanceof Fault ? regex : (text) => regex.exec(text) !== undefined;
}

export const toMatch = ({ send, accepts }: MatchRaw): Match => ({
  send: send === undefined ? undefined : Buffer.from(send, 'latin1'),
  accepts,
});
