// The part of docs/performance.md that the benchmark writes.

const BEGIN = '<!-- benchmark: made by `npm run bench -- --docs` -->';
const END = '<!-- end of benchmark -->';

/** The page with another text between its two markers. @throws where they are not there */
export function withReport(page: string, report: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('the page has no place for the report');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${report.trimEnd()}\n\n${page.slice(end)}`;
}
