// `npm run docs`: writes docs/directives.md and docs/http-directives.md, and the generated parts of the other pages.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/target.ts';
import { directivesPage, withGeneratedParts } from './generated.ts';
import { httpDirectivesPage } from './http-directives.ts';
import { allDocuments } from './markdown.ts';

writeFileSync(join(ROOT, 'docs/directives.md'), directivesPage());
writeFileSync(join(ROOT, 'docs/http-directives.md'), httpDirectivesPage());
for (const { name, text } of allDocuments()) {
  const fresh = withGeneratedParts(text);
  if (fresh !== text) writeFileSync(join(ROOT, name), fresh);
}
