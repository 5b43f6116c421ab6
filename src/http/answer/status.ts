// Status codes: the reason phrases of status lines, and the titles of built-in pages where they differ.

const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [206, 'Partial Content'],
  [301, 'Moved Permanently'],
  [302, 'Moved Temporarily'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Not Allowed'],
  [406, 'Not Acceptable'],
  [408, 'Request Time-out'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [411, 'Length Required'],
  [412, 'Precondition Failed'],
  [413, 'Request Entity Too Large'],
  [414, 'Request-URI Too Large'],
  [415, 'Unsupported Media Type'],
  [416, 'Requested Range Not Satisfiable'],
  [421, 'Misdirected Request'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Temporarily Unavailable'],
  [504, 'Gateway Time-out'],
  [505, 'HTTP Version Not Supported'],
  [507, 'Insufficient Storage'],
]);

const TITLES: ReadonlyMap<number, string> = new Map([
  [302, 'Found'],
  [401, 'Authorization Required'],
]);

/** Codes that stand for a 400 of their own kind, with what their page says. */
const SPECIAL: ReadonlyMap<number, readonly [title: string, text: string]> = new Map([
  [494, ['Request Header Or Cookie Too Large', 'Request Header Or Cookie Too Large']],
  [495, ['The SSL certificate error', 'The SSL certificate error']],
  [496, ['No required SSL certificate was sent', 'No required SSL certificate was sent']],
  [497, ['The plain HTTP request was sent to HTTPS port', 'The plain HTTP request was sent to HTTPS port']],
]);

/** Empty for a code without one. */
export const reasonOf = (status: number): string => REASONS.get(status) ?? '';

/** What the status line says of a code: 494 to 497 are 400. */
export const shownStatus = (status: number): number => (SPECIAL.has(status) ? 400 : status);

/** These leave the connection in a state that nobody should go on from. */
export const closesConnection = (status: number): boolean => [400, 413, 414, 495, 496, 497, 500, 501].includes(status);

/** @param server what stands below the line @returns undefined: the code has no page */
export function builtInPage(status: number, server: string): string | undefined {
  const special = SPECIAL.get(status);
  const title = special === undefined ? (TITLES.get(status) ?? REASONS.get(status)) : special[0];
  if (title === undefined || status < 300 || status === 304) return undefined;
  const heading = special === undefined ? `${status} ${title}` : '400 Bad Request';
  return [
    '<html>',
    `<head><title>${special === undefined ? status : 400} ${title}</title></head>`,
    '<body>',
    `<center><h1>${heading}</h1></center>`,
    ...(special === undefined ? [] : [`<center>${special[1]}</center>`]),
    `<hr><center>${server}</center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}
