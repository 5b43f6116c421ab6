// The nginx whose behaviour this is.

export const NGINX_VERSION = '1.31.5';
