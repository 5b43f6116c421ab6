// What node:http's requests have and their types do not tell. A test looks at the bytes that come of it.
import 'node:http';

declare module 'node:http' {
  interface OutgoingMessage {
    /** Start line and header lines with the empty line that ends them: what is sent before the body. */
    _header: string | null;
  }
}
