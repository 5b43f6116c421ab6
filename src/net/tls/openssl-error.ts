// OpenSSL's error queue as nginx logs it, from the two forms in which Node.js hands it over.

/** What Node.js drops of an error: the data that goes with a reason, by reason. */
export type ErrorData = Readonly<Record<string, string>>;

/**
 * `error:0A00010B:SSL routines::wrong version number[:data][ error:…]`, oldest first, the text inside nginx's
 * `(SSL: …)`.
 * @returns undefined where the error is not OpenSSL's.
 */
export function opensslText(error: unknown, data: ErrorData = {}): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const entries = [...error.message.split('\n').map(shortForm), ...stackOf(error).reverse().map(shortForm)];
  const texts = entries.filter((text) => text !== undefined).map((text) => withData(text, data));
  return texts.length === 0 ? undefined : texts.join(' ');
}

/** Handshake errors: `THREAD:error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA`, one a line. */
const LONG = /^[0-9A-F]+:error:([0-9A-F]{8}):([^:]*):[^:]*:([^:]*):[^:]*:\d+:(.*)$/;
/** Errors of the calls that load something: `error:CODE:LIBRARY:FUNCTION:REASON`. */
const SHORT = /^error:([0-9A-F]{8}):([^:]*):[^:]*:(.*)$/;

function shortForm(line: string): string | undefined {
  const long = LONG.exec(line);
  if (long !== null) {
    const [, code, library, reason, data] = long;
    return `error:${code}:${library}::${reason}${data === undefined || data === '' ? '' : `:${data}`}`;
  }
  const short = SHORT.exec(line);
  if (short === null) return undefined;
  const [, code, library, reason] = short;
  return code === '00000000' ? undefined : `error:${code}:${library}::${reason}`;
}

/** The rest of the queue, newest first. */
function stackOf(error: Error): string[] {
  if (!('opensslErrorStack' in error) || !Array.isArray(error.opensslErrorStack)) return [];
  return error.opensslErrorStack.filter((line) => typeof line === 'string');
}

function withData(text: string, data: ErrorData): string {
  const reason = text.slice(text.lastIndexOf('::') + 2);
  return Object.hasOwn(data, reason) ? `${text}:${data[reason]}` : text;
}
