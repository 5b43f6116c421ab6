// Names of a configuration as text: they are bytes, and mostly those of UTF-8.
import type { ByteString } from '../conf/directive.ts';

/** Bytes that are none of UTF-8 become U+FFFD. */
export const nameText = (bytes: ByteString): string => Buffer.from(bytes, 'latin1').toString();
