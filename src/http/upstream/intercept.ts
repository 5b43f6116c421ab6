// proxy_intercept_errors: our error page instead of a peer's, where there is one for its status.
import { errorPageModule } from '../answer/error-page-module.ts';
import type { HttpRequest } from '../request/request.ts';
import type { UpstreamSettings } from './settings.ts';

export const interceptor =
  ({ interceptErrors }: UpstreamSettings) =>
  (request: HttpRequest, status: number): boolean =>
    interceptErrors && !request.isErrorPage && request.conf(errorPageModule.loc).pages.has(status);
