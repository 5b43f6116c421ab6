// The lines of auth_http_header. nginx knows no variables there: a name that is none stays as it stands.
import { at, type ByteString, type Position } from '../../conf/directive.ts';
import { compileKnown } from '../../script/known-value.ts';
import type { Value } from '../../script/value.ts';
import type { MergeContext } from '../define.ts';
import { escapeControl } from '../escape.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';

/** A directive; servers that inherit it share the object. */
export interface CustomHeader {
  readonly name: ByteString;
  readonly text: ByteString;
  readonly position: Position;
  /** Once all variables are known. */
  value: Value<Session> | undefined;
}

/** The same for every session, or made for one. */
export type CustomLines = Buffer | ((session: Session) => Buffer);

export function customLines(headers: readonly CustomHeader[], cx: MergeContext): CustomLines {
  const lines = headers.map((header) => ({ name: header.name, value: compiled(header, cx) }));
  const text = (ofVariable: (value: Value<Session>) => ByteString): Buffer =>
    Buffer.from(lines.map(({ name, value }) => `${name}: ${ofVariable(value)}\r\n`).join(''), 'latin1');
  if (lines.every(({ value }) => value.constant !== undefined)) return text(({ constant = '' }) => constant);
  return (session) => text((value) => shown(value, session));
}

/** Warns of each directive once, however many servers have it. */
function compiled(header: CustomHeader, { env, store }: MergeContext): Value<Session> {
  header.value ??= compileKnown(header.text, store.get(MAIL_VARIABLES), (name) => {
    env.report('warn', `unknown "${name}" variable in "auth_http_header" is sent as it stands${at(header.position)}`);
  });
  return header.value;
}

/** What is not of the configuration cannot end the line. */
function shown({ parts }: Value<Session>, session: Session): ByteString {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (typeof part === 'object') text += encoded(part.of(session) ?? '');
  }
  return text;
}

const encoded = (value: ByteString): ByteString => escapeControl(Buffer.from(value, 'latin1')).toString('latin1');
