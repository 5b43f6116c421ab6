// What answers a bare status: an error page that the location names, or the built-in page.
import type { ByteString } from '../../conf/directive.ts';
import type { HttpRequest } from '../request/request.ts';
import { splitTarget } from '../request/uri.ts';
import { type ErrorPage, errorPageModule } from './error-page-module.ts';
import { builtInPage, closesConnection } from './status.ts';

/** Where a request goes on for its error page. */
export type Continuation = 'redirect' | { readonly named: ByteString } | undefined;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * @param server what stands below the line of built-in pages
 * @returns where the request goes on; undefined: the answer is prepared
 */
export function answerStatus(request: HttpRequest, status: number, server: string): Continuation {
  const { response } = request;
  response.errorStatus = status;
  if (request.main === undefined && closesConnection(status)) request.client.closing = true;
  response.clearBody();
  request.discardsBody = true;
  const { pages, recursive } = request.conf(errorPageModule.loc);
  const page = request.isErrorPage || request.cycles <= 0 ? undefined : pages.get(status);
  if (page === undefined) {
    usePage(request, status, server);
    return undefined;
  }
  if (!recursive) request.isErrorPage = true;
  return toErrorPage(request, page, server);
}

function toErrorPage(request: HttpRequest, { status, target }: ErrorPage, server: string): Continuation {
  const { response } = request;
  if (status !== undefined) response.errorStatus = status === 'own' ? 0 : status;
  const uri = target.of(request);
  if (uri.startsWith('/')) {
    if (request.method !== 'HEAD') request.method = 'GET';
    const { uri: path, args } = splitTarget(uri);
    request.redirectTo(path, args, args !== '' || target.constant === undefined);
    return 'redirect';
  }
  if (uri.startsWith('@')) return { named: uri };
  if (!REDIRECTS.includes(response.errorStatus)) response.errorStatus = 302;
  response.location = uri;
  usePage(request, response.errorStatus, server);
  return undefined;
}

function usePage(request: HttpRequest, status: number, server: string): void {
  request.response.removeField('etag');
  const page = builtInPage(status, server);
  if (page !== undefined) request.response.setText(page, 'text/html');
  else if (status !== 204) request.response.length = 0;
}
