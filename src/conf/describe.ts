// The directive table for people (Markdown: docs/directives.md) and for tools (JSON).
import { type DirectiveEntry, INCLUDE, LOAD_MODULE } from './built-in.ts';
import { CONTEXTS, type ContextName } from './directive.ts';

export interface DescribedModule {
  readonly name: string;
  readonly directives: readonly DirectiveEntry[];
}

/**
 * Directives as Markdown: a section for each set of contexts, in the order of the modules. Groups are left out, whose
 * directives nobody uses.
 */
export function directivesAsMarkdown(modules: readonly DescribedModule[]): string {
  const sections = new Map<string, DirectiveEntry[]>();
  for (const directive of allDirectives(modules)) {
    if (directive.doc.group !== undefined) continue;
    const title = contextTitle(directive);
    sections.set(title, [...(sections.get(title) ?? []), directive]);
  }
  const parts = [...sections].map(([title, list]) => `## ${title}\n\n${list.map(entryAsMarkdown).join('\n')}`);
  return `# Directives\n\n${parts.join('\n')}`;
}

/** All directives as JSON, for editors and checks. */
export function directivesAsJson(modules: readonly DescribedModule[]): string {
  const list = allDirectives(modules).map(({ name, contexts, arity, doc }) => ({
    name,
    contexts,
    block: arity.kind === 'block',
    arguments: arity.kind === 'flag' ? { min: 1, max: 1 } : { min: arity.min, max: finite(arity.max) },
    ...doc,
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** The language's own directives, then each module's by name. */
function allDirectives(modules: readonly DescribedModule[]): DirectiveEntry[] {
  const byName = (a: DirectiveEntry, b: DirectiveEntry): number => (a.name < b.name ? -1 : 1);
  return [INCLUDE, LOAD_MODULE, ...modules.flatMap((module) => [...module.directives].sort(byName))];
}

const finite = (max: number): number | null => (Number.isFinite(max) ? max : null);

/** As nginx's users say it: a server block of mail is `server`. */
const contextName = (context: ContextName): string => (context === 'mail.server' ? 'server' : context);

function contextTitle({ contexts }: DirectiveEntry): string {
  return contexts.length === CONTEXTS.length ? 'Any context' : `Context ${contexts.map(contextName).join(', ')}`;
}

function entryAsMarkdown({ name, contexts, doc }: DirectiveEntry): string {
  const lines = [`### ${name}`, '', doc.summary, '', `* Syntax: \`${doc.syntax}\``];
  if (doc.default !== undefined) lines.push(`* Default: \`${doc.default}\``);
  if (doc.values !== undefined) lines.push(`* Values: ${doc.values.map((value) => `\`${value}\``).join(', ')}`);
  lines.push(`* Context: ${contexts.map(contextName).join(', ')}`);
  if (doc.noEffect !== undefined) lines.push(`* No effect here: ${doc.noEffect}.`);
  return `${lines.join('\n')}\n`;
}
