// Serves files (ngx_http_static_module): the last content handler, so that all that nobody else answers ends here.
import { constants, type Stats } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { FileBody } from '../answer/file-body.ts';
import { pathWithArgs } from '../answer/head.ts';
import { contentTypeOf } from '../answer/mime.ts';
import type { Outcome } from '../define.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { fileConfModule } from './file-conf-module.ts';
import { closeFile, openFailure, openFile } from './open-file.ts';
import { fileOf } from './root-module.ts';

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];

export const staticModule = defineHttpModule({ name: 'static', handlers: { content: serveFile } });

async function serveFile(request: HttpRequest): Promise<Outcome> {
  const isFolder = request.uri.endsWith('/');
  if (!METHODS.includes(request.method)) return 405;
  const path = fileOf(request);
  if (path === undefined) return 500;
  if (isFolder) {
    request.error(`directory index of "${path}" is forbidden`);
    return 403;
  }
  const opened = await openFile(path);
  if (!('fd' in opened)) return openFailure(request, path, opened, request.conf(fileConfModule.loc).logNotFound);
  const refused = refusal(request, path, opened.stats);
  if (refused !== undefined) {
    closeFile(opened.fd);
    return refused;
  }
  prepare(request, opened.fd, opened.stats);
  return 'done';
}

function refusal(request: HttpRequest, path: ByteString, { mode }: Stats): number | undefined {
  const type = mode & constants.S_IFMT;
  if (type === constants.S_IFDIR) {
    request.response.location = pathWithArgs(`${request.uri}/`, request.args);
    return 301;
  }
  if (type !== constants.S_IFREG) {
    request.log.write(Level.crit, `"${path}" is not a regular file`, request);
    return 404;
  }
  return request.method === 'POST' ? 405 : undefined;
}

function prepare(request: HttpRequest, fd: number, { size, mtimeMs }: Stats): void {
  const { response } = request;
  const modifiedS = Math.floor(mtimeMs / 1000);
  response.status = 200;
  response.contentType ??= contentTypeOf(request); // X-Accel-Redirect may have brought one
  response.length = size;
  response.lastModifiedMs = modifiedS * 1000;
  if (request.conf(fileConfModule.loc).etag) {
    response.etag = `"${hex(modifiedS)}-${hex(size)}"`;
    response.fields.push(['ETag', response.etag]);
  }
  response.setBody(new FileBody(fd, size));
}

const hex = (number: number): string => number.toString(16);
