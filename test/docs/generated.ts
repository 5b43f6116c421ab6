// The parts of the documentation that are made of the directive table and of what the code does with a value.
import { createSecureContext } from 'node:tls';
import { directivesAsMarkdown } from '../../src/conf/describe.ts';
import { ConfError, type Doc } from '../../src/conf/directive.ts';
import { modules } from '../../src/modules.ts';
import { applyConfCommands } from '../../src/net/tls/conf-command.ts';
import { completed, testConfiguration } from './configurations.ts';
import { CONF_COMMANDS, LISTEN_OPTIONS } from './directive-names.ts';

const NOTE = '<!-- Made by `npm run docs` from the directive table. Change the table, not this file. -->';

const INTRODUCTION = `Every directive of the contexts main, events, mail and http that Postern has. The table that this page is made of also
drives the parser, so that what stands here is what \`postern -t\` accepts. What else nginx has in \`http\`, and what becomes
of it: [http-directives.md](http-directives.md).

Sizes are bytes, or take \`k\` or \`m\`. Times are seconds, or take \`ms\`, \`s\`, \`m\`, \`h\`, \`d\` or \`w\`; several may
follow each other, the largest first: \`1h30m\`. What is set in \`mail\` holds for every \`server\` that does not set it
itself. What is accepted without effect is also listed in [differences.md](differences.md#without-effect).`;

/** The text of docs/directives.md. */
export function directivesPage(): string {
  const body = directivesAsMarkdown(modules).replace(/^# Directives\n/, '');
  return `# Directives\n\n${NOTE}\n\n${INTRODUCTION}\n${body.trimEnd()}\n`;
}

/** Options of `listen` that are accepted without effect, and why. */
export function ignoredListenOptions(): ReadonlyMap<string, string> {
  const ignored = new Map<string, string>();
  for (const option of LISTEN_OPTIONS) {
    for (const [name, why] of testConfiguration(completed(`listen 127.0.0.1:143 ${option};`)).noEffect) {
      ignored.set(name, why);
    }
  }
  return ignored;
}

/** Commands of ssl_conf_command that are refused, whatever their value. */
export function refusedConfCommands(): string[] {
  const { context: native } = createSecureContext();
  return CONF_COMMANDS.filter((name) => {
    try {
      applyConfCommands(native, [{ name, value: '?' }], { confPrefix: '/', readFile: () => ({ errno: 2 }) });
      return false;
    } catch (error) {
      if (error instanceof ConfError) return error.message.includes('Postern does not support this');
      throw error;
    }
  });
}

/** Directives that are accepted without effect, less those that are documented together. */
export function directivesWithoutEffect(): {
  readonly name: string;
  readonly doc: Doc;
}[] {
  return modules
    .flatMap((module) => module.directives)
    .filter(({ doc }) => doc.noEffect !== undefined && doc.group === undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A list in lines of at most 120 characters. */
export function wrapped(items: readonly string[]): string {
  return items
    .join(', ')
    .replace(/(.{1,119},)(?: |$)/g, '$1\n')
    .trimEnd();
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const PARTS: Readonly<Record<string, () => string>> = {
  'without effect': () => {
    const directives = directivesWithoutEffect().map(({ name, doc }) => [`\`${name}\``, doc.noEffect ?? ''] as const);
    const options = [...ignoredListenOptions()].map(([name, why]) => [`\`${name}\``, why] as const);
    // One directive of mail and of http is one line.
    const rows = new Map([...directives, ...options].map(([what, why]) => [what + why, [what, `${capital(why)}.`]]));
    return table(['Setting', 'Why'], [...rows.values()]);
  },
  'refused commands': () => wrapped(refusedConfCommands().map((name) => `\`${name}\``)),
};

/** A page with its generated parts, each between `<!-- begin NAME -->` and `<!-- end NAME -->`, made anew. */
export function withGeneratedParts(page: string): string {
  return page.replace(/^(<!-- begin (.+) -->\n)[\s\S]*?^(<!-- end \2 -->)$/gm, (_all, begin, name, end) => {
    const make = PARTS[String(name)];
    if (make === undefined) throw new Error(`no generated part is called ${name}`);
    return `${begin}\n${make()}\n\n${end}`;
  });
}
