// Reads IMAP commands for the demo backend: tag, name and arguments, literals included (RFC 3501, sections 4 and 9).
import type { Client } from './demo-server.ts';
import { TooLong } from './line-reader.ts';

const MAX_LINE = 8192;
/** All lines and literals of one command together. */
const MAX_COMMAND = 65_536;
const MAX_DEPTH = 8;

export type Argument =
  | { readonly kind: 'atom' | 'string'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Argument[] };

export interface Command {
  readonly tag: string;
  /** In upper case; `UID FETCH` is one name. */
  readonly name: string;
  readonly args: readonly Argument[];
  /** What is wrong with it: the answer is BAD. */
  readonly fault?: string;
}

/** A line without what follows a literal, or the bytes of one. */
type Piece = { readonly line: string } | { readonly literal: string };

const LITERAL = /\{(\d{1,9})(\+?)\}$/;

/** The next command; undefined at the end of the connection. @throws TooLong */
export async function readCommand(client: Client): Promise<Command | undefined> {
  const pieces: Piece[] = [];
  let size = 0;
  for (;;) {
    const line = await client.input.line(MAX_LINE);
    if (line === undefined) return undefined;
    const literal = LITERAL.exec(line);
    if (literal === null) {
      pieces.push({ line });
      return parseCommand(pieces);
    }
    const count = Number(literal[1]);
    size += line.length + count;
    if (size > MAX_COMMAND) throw new TooLong('command too long');
    pieces.push({ line: line.slice(0, literal.index) });
    if (literal[2] === '') await client.send('+ go ahead\r\n');
    const bytes = await client.input.bytes(count);
    if (bytes === undefined) return undefined;
    pieces.push({ literal: bytes.toString('latin1') });
  }
}

function parseCommand(pieces: readonly Piece[]): Command {
  const first = pieces[0] !== undefined && 'line' in pieces[0] ? pieces[0].line : '';
  const head = /^([^\s(){%*"\\+]{1,64}) ((?:UID )?[A-Z]{1,20})(?: |$)/i.exec(first);
  if (head === null)
    return {
      tag: '*',
      name: '',
      args: [],
      fault: 'a command is a tag and a word',
    };
  const [all, tag = '*', word = ''] = head;
  const command = { tag, name: word.toUpperCase() };
  const args = parseArguments([{ line: first.slice(all.length) }, ...pieces.slice(1)]);
  return args === undefined ? { ...command, args: [], fault: 'arguments cannot be read' } : { ...command, args };
}

/** A quoted string, a bracketed atom such as `BODY[HEADER.FIELDS (DATE)]<0.9>`, an atom, or a parenthesis. */
const TOKEN = / *(?:"((?:[^"\\]|\\.)*)"|((?:[^\s()"[\]]+|\[[^\]]*\])+)|([()])) */y;

function parseArguments(pieces: readonly Piece[]): readonly Argument[] | undefined {
  const top: Argument[] = [];
  const open: Argument[][] = [top];
  for (const piece of pieces) {
    if ('literal' in piece) {
      open.at(-1)?.push({ kind: 'string', text: piece.literal });
      continue;
    }
    const line = piece.line.trim();
    for (let at = 0; at < line.length; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const token = TOKEN.exec(line);
      if (token === null || !addToken(token, open)) return undefined;
    }
  }
  return open.length === 1 ? top : undefined;
}

/** Adds a token to the innermost open list; false where parentheses do not match or nest too deep. */
function addToken(token: RegExpExecArray, open: Argument[][]): boolean {
  const [, quoted, atom, parenthesis] = token;
  const list = open.at(-1);
  if (list === undefined) return false;
  if (quoted !== undefined) list.push({ kind: 'string', text: quoted.replace(/\\(.)/g, '$1') });
  else if (atom !== undefined) list.push({ kind: 'atom', text: atom });
  else if (parenthesis === '(') {
    const items: Argument[] = [];
    list.push({ kind: 'list', items });
    open.push(items);
    return open.length <= MAX_DEPTH;
  } else {
    open.pop();
    return open.length > 0;
  }
  return true;
}

/** The text of an argument that is no list. */
export function textOf(argument: Argument | undefined): string | undefined {
  return argument === undefined || argument.kind === 'list' ? undefined : argument.text;
}

/** The words of a list, or of a single argument; undefined where lists are nested. */
export function wordsOf(argument: Argument | undefined): string[] | undefined {
  if (argument === undefined) return undefined;
  const words = argument.kind === 'list' ? argument.items.map(textOf) : [argument.text];
  return words.every((word) => word !== undefined) ? words : undefined;
}
