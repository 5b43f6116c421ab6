// The documentation as the tests read it: documents, fenced blocks, headings and links (CommonMark, as far as we use it).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/target.ts';

export interface MarkdownDocument {
  /** Relative to the top of the source tree. */
  readonly name: string;
  readonly text: string;
}

/** A fenced block: three backquotes, a language, and perhaps the name of the file that it is. */
export interface Block {
  readonly document: string;
  /** Where its first line stands, from 1. */
  readonly line: number;
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
}

const AT_THE_TOP = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'];

/** Everything that people read: the files at the top, and the folder docs. */
export function allDocuments(): MarkdownDocument[] {
  const pages = readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`);
  return [...AT_THE_TOP, ...pages].map(readDocument);
}

export function readDocument(name: string): MarkdownDocument {
  return { name, text: readFileSync(join(ROOT, name), 'utf8') };
}

export function blocksOf({ name, text }: MarkdownDocument): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const [, language = '', file] = /^```(\w+)(?: (\S+))?$/.exec(lines[i] ?? '') ?? [];
    if (language === '') continue;
    const end = lines.indexOf('```', i + 1);
    if (end === -1) throw new Error(`${name}:${i + 1}: a block without an end`);
    const body = lines.slice(i + 1, end).join('\n');
    blocks.push({
      document: name,
      line: i + 2,
      language,
      file,
      text: `${body}\n`,
    });
    i = end;
  }
  return blocks;
}

/** The text with its fenced blocks and code spans, which may look like anything, made plain; lines stay where they are. */
export function proseOf(text: string): string {
  return text
    .replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]+/g, ''))
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()#]/g, '.'));
}

/** Anchors of the headings, made as GitHub makes them. */
export function anchorsOf({ text }: MarkdownDocument): Set<string> {
  const headings = [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Targets of the links of a document. */
export function linksOf({ text }: MarkdownDocument): string[] {
  return [...proseOf(text).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** What is wrong with a link within the project; undefined: nothing. */
export function linkFault(from: MarkdownDocument, target: string): string | undefined {
  if (/^https:\/\//.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const folder = from.name.includes('/') ? from.name.slice(0, from.name.lastIndexOf('/') + 1) : '';
  const name = file === '' ? from.name : join(folder, file);
  if (!existsSync(join(ROOT, name))) return `${from.name}: ${target} leads nowhere`;
  if (anchor === undefined) return undefined;
  return anchorsOf(readDocument(name)).has(anchor) ? undefined : `${from.name}: ${target} has no such heading`;
}
