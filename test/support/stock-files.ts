// Configurations in the form in which packages install them: that of nginx.org, and Debian's.

const MIME_TYPES = `
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    text/plain                                       txt;
    font/woff2                                       woff2;
    application/json                                 json;
    application/vnd.openxmlformats-officedocument.wordprocessingml.document    docx;
    application/octet-stream                         bin exe dll;
    video/mp4                                        mp4;
}
`;

const parameters = (directive: string): string => `
${directive}  QUERY_STRING       $query_string;
${directive}  REQUEST_METHOD     $request_method;
${directive}  CONTENT_TYPE       $content_type;
${directive}  CONTENT_LENGTH     $content_length;

${directive}  REQUEST_URI        $request_uri;
${directive}  DOCUMENT_URI       $document_uri;
${directive}  DOCUMENT_ROOT      $document_root;
${directive}  SERVER_PROTOCOL    $server_protocol;
${directive}  REQUEST_SCHEME     $scheme;
${directive}  HTTPS              $https if_not_empty;

${directive}  REMOTE_ADDR        $remote_addr;
${directive}  REMOTE_PORT        $remote_port;
${directive}  SERVER_PORT        $server_port;
${directive}  SERVER_NAME        $server_name;
`;

const FASTCGI_PARAMS = `${parameters('fastcgi_param')}
fastcgi_param  SCRIPT_NAME        $fastcgi_script_name;
fastcgi_param  GATEWAY_INTERFACE  CGI/1.1;
fastcgi_param  SERVER_SOFTWARE    nginx/$nginx_version;
fastcgi_param  REDIRECT_STATUS    200;
`;

const PAGE = (title: string): string =>
  `<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n<body><h1>${title}</h1></body>\n</html>\n`;

export const WELCOME = PAGE('Welcome!');

const PARAMETERS = {
  fastcgi_params: FASTCGI_PARAMS,
  scgi_params: parameters('scgi_param'),
  uwsgi_params: parameters('uwsgi_param'),
  'mime.types': MIME_TYPES,
};

export const NGINX_ORG: Readonly<Record<string, string>> = {
  ...PARAMETERS,
  'nginx.conf': `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`,
  'conf.d/default.conf': `
server {
    listen       80;
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }

    #location ~ \\.php$ {
    #    root           html;
    #    fastcgi_pass   127.0.0.1:9000;
    #    fastcgi_index  index.php;
    #    fastcgi_param  SCRIPT_FILENAME  /scripts$fastcgi_script_name;
    #    include        fastcgi_params;
    #}

    #location ~ /\\.ht {
    #    deny  all;
    #}
}
`,
  'html/index.html': WELCOME,
  'html/50x.html': PAGE('Error'),
};

export const DEBIAN: Readonly<Record<string, string>> = {
  ...PARAMETERS,
  'nginx.conf': `
user www-data;
worker_processes auto;
worker_cpu_affinity auto;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;

events {
	worker_connections 768;
	# multi_accept on;
}

http {
	sendfile on;
	tcp_nopush on;
	types_hash_max_size 2048;
	server_tokens build; # Recommended practice is to turn this off

	# server_names_hash_bucket_size 64;
	# server_name_in_redirect off;

	include /etc/nginx/mime.types;
	default_type application/octet-stream;

	ssl_protocols TLSv1.2 TLSv1.3; # Dropping SSLv3 (POODLE), TLS 1.0, 1.1
	ssl_prefer_server_ciphers off; # Don't force server cipher order.

	access_log /var/log/nginx/access.log;

	gzip on;
	gzip_vary on;
	gzip_proxied any;
	gzip_comp_level 6;
	gzip_buffers 16 8k;
	gzip_http_version 1.1;
	gzip_types text/plain text/css application/json application/javascript text/xml application/xml;

	include /etc/nginx/conf.d/*.conf;
	include /etc/nginx/sites-enabled/*;
}
`,
  'modules-enabled/50-mod-http-geoip.conf': 'load_module modules/ngx_http_geoip_module.so;\n',
  'modules-enabled/50-mod-http-image-filter.conf': 'load_module modules/ngx_http_image_filter_module.so;\n',
  'modules-enabled/50-mod-http-xslt-filter.conf': 'load_module modules/ngx_http_xslt_filter_module.so;\n',
  'modules-enabled/50-mod-mail.conf': 'load_module modules/ngx_mail_module.so;\n',
  'modules-enabled/50-mod-stream.conf': 'load_module modules/ngx_stream_module.so;\n',
  'modules-enabled/70-mod-stream-geoip.conf': 'load_module modules/ngx_stream_geoip_module.so;\n',
  'sites-enabled/default': `
server {
	listen 80 default_server;
	listen [::]:80 default_server;

	# SSL configuration
	#
	# listen 443 ssl default_server;
	# listen [::]:443 ssl default_server;

	root /var/www/html;

	# Add index.php to the list if you are using PHP
	index index.html index.htm index.nginx-debian.html;

	server_name _;

	location / {
		# First attempt to serve request as file, then
		# as directory, then fall back to displaying a 404.
		try_files $uri $uri/ =404;
	}
}
`,
  'html/index.nginx-debian.html': WELCOME,
  'snippets/fastcgi-php.conf': `
fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
try_files $fastcgi_script_name =404;
set $path_info $fastcgi_path_info;
fastcgi_param PATH_INFO $path_info;
fastcgi_index index.php;
include fastcgi.conf;
`,
  'fastcgi.conf': `fastcgi_param  SCRIPT_FILENAME    $document_root$fastcgi_script_name;\n${FASTCGI_PARAMS}`,
  proxy_params: `
proxy_set_header Host $host$is_request_port$request_port;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`,
};

/** What is commented out in those files, or written beside them: the parameters and snippets in use. */
export const USES = `
server {
  listen @HERE@;
  server_name uses;
  location ~ \\.php$ { include snippets/fastcgi-php.conf; fastcgi_pass unix:/run/php/php-fpm.sock; }
  location /php { include fastcgi_params; fastcgi_pass 127.0.0.1:9000; }
  location /app { include proxy_params; proxy_pass http://127.0.0.1:8080; }
  location /later { include uwsgi_params; include scgi_params; return 404; }
  location ~ /\\.ht { deny all; }
}
`;
