// Which request ends a session, and what its answer comes to.

/** @param api a path of this server @returns undefined: it is of another one */
export function sessionUrl(api: string, id: string): string | undefined {
  if (!/^\/(?![/\\])/.test(api)) return undefined;
  return `${api.replace(/\/$/, '')}/9/mail/sessions/${encodeURIComponent(id)}`;
}

/** Undefined: it is ended, or has ended by itself. */
export function failureOf(status: number): string | undefined {
  if ((status >= 200 && status < 300) || status === 404) return undefined;
  if (status === 401) return 'The server asks for a password (401). Open the api once, and try again.';
  if (status === 403) return 'The server does not allow it (403).';
  if (status === 405) return 'The api may only read (405).';
  if (status === 429) return 'Too many wrong passwords: the server wants a minute of patience (429).';
  return `The server could not do it (${status}).`;
}
