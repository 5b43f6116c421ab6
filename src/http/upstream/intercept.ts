// proxy_intercept_errors: our error page instead of a peer's, where there is one for its status.
import type { HttpRequest } from '../request.ts';
import type { UpstreamSettings } from './settings.ts';

const FIRST_ERROR = 300;

export const interceptor =
  ({ interceptErrors }: UpstreamSettings) =>
  (_request: HttpRequest, status: number): boolean =>
    interceptErrors && status >= FIRST_ERROR;
