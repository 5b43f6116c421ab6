// The client's side of TLS, by OpenSSL's libssl where it is compiled in.
#include "tls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *context;
static SSL_SESSION **sessions; // by lane
static int offers_sessions;

// A copy, since a connection that breaks spoils its own.
static int keep(SSL *ssl, SSL_SESSION *session) {
  long lane = (long)SSL_get_app_data(ssl);
  SSL_SESSION_free(sessions[lane]);
  sessions[lane] = SSL_SESSION_dup(session);
  return 0;
}

// Before TLS 1.3 nobody tells of a ticket that is renewed when a session is resumed, and the one before is good no more.
static void keep_renewed(SSL *ssl) {
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_session_reused(ssl)) keep(ssl, SSL_get_session(ssl));
}

void tls_prepare(const char *version, int resume, int lanes) {
  int number = strcmp(version, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
  context = SSL_CTX_new(TLS_client_method());
  sessions = calloc((size_t)lanes, sizeof *sessions);
  if (context == NULL || sessions == NULL) exit(1);
  SSL_CTX_set_min_proto_version(context, number);
  SSL_CTX_set_max_proto_version(context, number);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  offers_sessions = resume;
  if (resume) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep);
  }
}

void *tls_open(int fd, int lane) {
  SSL *ssl = SSL_new(context);
  if (ssl == NULL) exit(1);
  SSL_set_fd(ssl, fd);
  SSL_set_app_data(ssl, (char *)(long)lane);
  SSL_set_connect_state(ssl);
  if (offers_sessions && sessions[lane] != NULL) SSL_set_session(ssl, sessions[lane]);
  return ssl;
}

static int step(SSL *ssl, int result) {
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return AGAIN_READ;
    case SSL_ERROR_WANT_WRITE:
      return AGAIN_WRITE;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      ERR_clear_error();
      return BROKEN;
  }
}

int tls_handshake(void *tls) {
  int result = SSL_do_handshake(tls);
  return result == 1 ? 1 : step(tls, result);
}

int tls_resumed(void *tls) { return SSL_session_reused(tls); }

ssize_t tls_read(void *tls, char *bytes, size_t count) {
  int result = SSL_read(tls, bytes, (int)count);
  return result > 0 ? result : step(tls, result);
}

ssize_t tls_write(void *tls, const char *bytes, size_t count) {
  int result = SSL_write(tls, bytes, (int)count);
  return result > 0 ? result : step(tls, result);
}

void tls_close(void *tls) {
  if (SSL_is_init_finished(tls)) {
    if (offers_sessions) keep_renewed(tls);
    SSL_shutdown(tls);
  }
  ERR_clear_error();
  SSL_free(tls);
}

#else

void tls_prepare(const char *version, int resume, int lanes) {
  (void)resume;
  (void)lanes;
  fprintf(stderr, "TLS %s: compiled without libssl\n", version);
  exit(2);
}

void *tls_open(int fd, int lane) { return (void)fd, (void)lane, NULL; }
int tls_handshake(void *tls) { return (void)tls, BROKEN; }
int tls_resumed(void *tls) { return (void)tls, 0; }
ssize_t tls_read(void *tls, char *bytes, size_t count) { return (void)tls, (void)bytes, (void)count, BROKEN; }
ssize_t tls_write(void *tls, const char *bytes, size_t count) { return (void)tls, (void)bytes, (void)count, BROKEN; }
void tls_close(void *tls) { (void)tls; }

#endif
