// The tag of every error log record of http, for filter=tag: of error_log.
import type { ByteString } from '../conf/directive.ts';

const TAGS: readonly ByteString[] = ['http'];

export const httpTags = (): readonly ByteString[] => TAGS;
