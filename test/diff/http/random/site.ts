// The site of the random requests: locations of every kind, and a bit of everything in them.
import type { Site } from '../site.ts';

/** Names of variables are the site's own: several of them stand in one http block. */
export const randomSite = (index: number): Site => ({
  name: `random ${index}`,
  http: `
    map $uri $short_${index} { ~^/(?<rest_${index}>[a-z])/ "short $rest_${index}"; default none; }
    map $arg_x $kind_${index} { 0 zero; "" empty; default "other $arg_x"; }
    geo $http_x_forwarded_for $net_${index} { default out; 10.0.0.0/8 ten; }`,
  conf: `
    server { listen @LISTEN@; server_name a.test;
      root @DOCS@; client_max_body_size 30; add_header X-Server a; error_page 403 /page.html;
      location / { }
      location = /a { return 200 "= $uri $args $arg_x $is_args"; }
      location /a/ { add_header X-A "$short_${index} $kind_${index}"; index a.txt index.html; alias @DOCS@/sub/; }
      location ^~ /static { return 201 "static $request_uri $http_x_one"; }
      location ~ \\.php$ { return 404; }
      location ~* \\.gif(.*)$ { return 202 "gif [$1] $cookie_a $remote_user"; }
      location /last/ { rewrite ^/last/(.*)$ /$1?l=1 last; return 500; }
      location /break/ { rewrite ^/break/(.*)$ /sub/$1 break; }
      location /redirect/ { rewrite ^/redirect/(.*)$ /to/$1 redirect; }
      location /perm/ { rewrite ^/perm/(.*)$ http://other.test/$1?a permanent; }
      location /alias/ { alias @DOCS@/; location ~ ^/alias/(.*\\.txt)$ { alias @DOCS@/$1; } }
      location /try/ { try_files $uri /sub$uri /one/one.txt =404; }
      location /named/ { try_files /nothing$uri @named; }
      location @named { return 200 "named $uri"; }
      location /internal/ { internal; return 200 internal; }
      location /error/ { error_page 404 = /internal$uri; error_page 410 =200 @named; if ($arg_a) { return 410; } return 404; }
      location /map/ { if ($kind_${index} = zero) { return 403; } if ($arg_x ~ ^(\\d)) { set $d_${index} $1; } return 200 "$kind_${index} $short_${index} $net_${index} [$d_${index}]"; }
    }
    server { listen @LISTEN@; server_name b.test *.b.test; server_tokens off; merge_slashes off; proxy_http_version 1.1; proxy_set_header Connection "";
      location / { return 200 "b [$uri] [$host] [$args]"; }
      location /pass { proxy_pass http://@B1@; }
      location /uri/ { proxy_pass http://@B1@/base/; }
      location ~ ^/(?<first_${index}>a|b)/(.*)$ { return 302 /$2?f=$first_${index}; }
    }
    server { listen @LISTEN@; server_name ~^(?<user_${index}>\\w+)\\.home$; rewrite ^/(.*)$ /$user_${index}/$1; location / { return 200 "$uri"; } }`,
  cases: [],
});
