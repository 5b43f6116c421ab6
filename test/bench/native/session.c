// A client's connection: opened, over TLS or not, and taken through the dialogue of a login.
#include "session.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct exchange {
  const char *said; // NULL: listen only
  const char *expected;
};

struct dialogue {
  const char *protocol;
  int steps;
  struct exchange exchanges[3];
};

static const struct dialogue DIALOGUES[] = {
    {"imap", 2, {{NULL, "* OK"}, {"a LOGIN user@example.org secret12\r\n", "a OK"}}},
    {"pop3", 3, {{NULL, "+OK"}, {"USER user@example.org\r\n", "+OK"}, {"PASS secret12\r\n", "+OK"}}},
    {"smtp",
     3,
     {{NULL, "220 "},
      {"EHLO client.example.org\r\n", "250 "},
      {"AUTH PLAIN AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0MTI=\r\n", "235 "}}},
};

struct plan plan;

static const struct dialogue *dialogue(void) {
  const struct dialogue *found = DIALOGUES;
  while (strcmp(found->protocol, plan.protocol) != 0) found++;
  return found;
}

ssize_t session_read(struct session *session, char *bytes, size_t count) {
  if (session->tls != NULL) return tls_read(session->tls, bytes, count);
  ssize_t got = read(session->fd, bytes, count);
  if (got >= 0) return got;
  return errno == EAGAIN || errno == EINTR ? AGAIN_READ : BROKEN;
}

ssize_t session_write(struct session *session, const char *bytes, size_t count) {
  if (session->tls != NULL) return tls_write(session->tls, bytes, count);
  ssize_t put = write(session->fd, bytes, count);
  if (put >= 0) return put;
  return errno == EAGAIN || errno == EINTR ? AGAIN_WRITE : BROKEN;
}

void session_close(struct session *session, int by_reset) {
  if (session->state == CLOSED) return;
  if (by_reset) {
    struct linger now = {1, 0};
    setsockopt(session->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  if (session->tls != NULL) tls_close(session->tls);
  session->tls = NULL;
  close(session->fd);
  session->state = CLOSED;
}

static void give_up(struct session *session, enum failure failure) {
  session_close(session, 1);
  plan.failed(session, failure);
}

void session_open(struct session *session, int lane) {
  session->lane = lane;
  session->step = 0;
  session->used = 0;
  session->resumed = 0;
  session->tls = NULL;
  session->since = now_ns();
  session->fd = connect_to(plan.host, plan.port);
  session->state = session->fd < 0 ? CLOSED : CONNECTING;
  if (session->fd < 0) plan.failed(session, REFUSED);
  else watch(session->fd, session, EPOLLIN | EPOLLOUT);
}

int session_reply(struct session *session, const char *expected) {
  for (;;) {
    ssize_t got = session_read(session, session->line + session->used, sizeof session->line - session->used);
    if (got == AGAIN_READ || got == AGAIN_WRITE) return 0;
    if (got <= 0) return -1;
    session->used += (size_t)got;
    if (session->line[session->used - 1] != '\n') continue;
    size_t start = session->used - 1;
    while (start > 0 && session->line[start - 1] != '\n') start--;
    size_t length = strlen(expected);
    if (session->used - start >= length && memcmp(session->line + start, expected, length) == 0) {
      session->used = 0;
      return 1;
    }
    char kind = session->line[start];
    int goes_on = kind == '*' || (session->used - start > 3 && session->line[start + 3] == '-');
    if (!goes_on) {
      session->used = 0;
      return -2;
    }
  }
}

static void talk(struct session *session) {
  const struct dialogue *script = dialogue();
  for (;;) {
    int came = session_reply(session, script->exchanges[session->step].expected);
    if (came == 0) return;
    if (came < 0) {
      give_up(session, came == -1 ? LOST : DENIED);
      return;
    }
    session->step++;
    if (session->step == script->steps || !plan.logs_in) {
      session->state = IN;
      plan.in_came(session);
      return;
    }
    const char *said = script->exchanges[session->step].said;
    if (session_write(session, said, strlen(said)) != (ssize_t)strlen(said)) {
      give_up(session, LOST);
      return;
    }
  }
}

static void shake_hands(struct session *session) {
  switch (tls_handshake(session->tls)) {
    case 1:
      session->resumed = tls_resumed(session->tls);
      session->state = TALKING;
      talk(session);
      break;
    case AGAIN_READ:
    case AGAIN_WRITE:
      break;
    default:
      give_up(session, LOST);
  }
}

static void connected(struct session *session) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(session->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    give_up(session, error == ECONNREFUSED ? REFUSED : LOST);
    return;
  }
  watch_again(session->fd, session, EPOLLIN);
  if (plan.over_tls) {
    session->tls = tls_open(session->fd, session->lane);
    session->state = HANDSHAKE;
    shake_hands(session);
  } else {
    session->state = TALKING;
  }
}

void session_event(struct session *session, uint32_t events) {
  switch (session->state) {
    case CONNECTING:
      connected(session);
      break;
    case HANDSHAKE:
      shake_hands(session);
      break;
    case TALKING:
      talk(session);
      break;
    case IN:
      plan.after(session, events);
      break;
    default:
      break;
  }
}
