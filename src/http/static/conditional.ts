// Conditional requests (RFC 9110 section 13): an answer that the client has already, or that it does not want so.
import type { ByteString } from '../../conf/directive.ts';
import type { HttpResponse } from '../answer/response.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { type FileConf, fileConfModule } from './file-conf-module.ts';
import { parseHttpDate } from './http-date.ts';

export const conditionalModule = defineHttpModule({ name: 'not modified', handlers: { filter: checkConditions } });

function checkConditions(request: HttpRequest, response: HttpResponse): number | undefined {
  const { lastModifiedMs, etag } = response;
  if (response.status !== 200 || response.isPassedOn) return undefined;
  if (fails(request, lastModifiedMs, etag)) {
    response.reset();
    return 412;
  }
  const { headers } = request;
  const since = headers.first('if-modified-since');
  const tags = headers.first('if-none-match');
  if (since === undefined && tags === undefined) return undefined;
  if (since !== undefined && isModified(since, lastModifiedMs, request.conf(fileConfModule.loc))) return undefined;
  if (tags !== undefined && !listsTag(tags, etag, true)) return undefined;
  response.status = 304;
  response.contentType = undefined;
  response.length = undefined;
  response.setBody(undefined);
  return undefined;
}

/** What has no date may have been modified at any time. */
function fails({ headers }: HttpRequest, lastModifiedMs = Number.POSITIVE_INFINITY, etag?: ByteString): boolean {
  const until = headers.first('if-unmodified-since');
  if (until !== undefined && (parseHttpDate(until) ?? -1) < lastModifiedMs) return true;
  const tags = headers.first('if-match');
  return tags !== undefined && !listsTag(tags, etag, false);
}

function isModified(since: ByteString, lastModifiedMs: number | undefined, { ifModifiedSince }: FileConf): boolean {
  if (ifModifiedSince === 'off' || lastModifiedMs === undefined) return true;
  const sinceMs = parseHttpDate(since);
  if (sinceMs === lastModifiedMs) return false;
  return ifModifiedSince === 'exact' || sinceMs === undefined || sinceMs < lastModifiedMs;
}

const TAG = /[ \t,]*((?:W\/)?"[^"]*")[ \t]*(?=,|$)/y;

/** @param weakly a weak tag stands for the strong one as well */
function listsTag(list: ByteString, etag: ByteString | undefined, weakly: boolean): boolean {
  if (list === '*') return true;
  if (etag === undefined) return false;
  TAG.lastIndex = 0;
  for (let found = TAG.exec(list); found !== null; found = TAG.exec(list)) {
    const [, tag = ''] = found;
    if ((weakly ? tag.replace(/^W\//, '') : tag) === etag) return true;
  }
  return false;
}
