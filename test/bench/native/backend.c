// The mail server of the benchmark: says yes to every login in IMAP, POP3 and SMTP, and moves bytes on demand.
// host= imap= pop3= smtp= (ports). After a login in IMAP "D N" asks for N bytes, and "U N" announces N, which are
// answered when they have come. Ends when standard input does.
#include "common.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512
#define PIECE (256 * 1024)
#define EVENTS 256

enum protocol { IMAP, POP3, SMTP, PROTOCOLS };

static const char *const NAMES[PROTOCOLS] = {"imap", "pop3", "smtp"};
static const char *const GREETINGS[PROTOCOLS] = {"* OK backend\r\n", "+OK backend\r\n", "220 backend ESMTP\r\n"};

struct session {
  int fd;
  enum protocol protocol;
  int logged_in;
  int in_literal;
  char tag[32];
  uint64_t to_send;
  uint64_t to_come;
  size_t used;
  char line[LINE_MAX_BYTES];
};

static int listeners[PROTOCOLS];
static char piece[PIECE];
static char scratch[PIECE];

static void leave(struct session *session) {
  close(session->fd);
  free(session);
}

static void reply(struct session *session, const char *line) {
  size_t length = strlen(line);
  if (write(session->fd, line, length) != (ssize_t)length) fprintf(stderr, "a reply was not taken\n");
}

static void reply_tagged(struct session *session, const char *what) {
  char line[64];
  snprintf(line, sizeof line, "%s OK %s\r\n", session->tag, what);
  reply(session, line);
}

static void pour(struct session *session) {
  uint64_t before = session->to_send;
  while (session->to_send > 0) {
    size_t size = session->to_send < PIECE ? (size_t)session->to_send : PIECE;
    ssize_t put = write(session->fd, piece, size);
    if (put < 0) break;
    session->to_send -= (uint64_t)put;
  }
  if (session->to_send > 0) watch_again(session->fd, session, EPOLLIN | EPOLLOUT);
  else if (before > 0) watch_again(session->fd, session, EPOLLIN);
}

// A line that ends in {N} is followed by a literal, which we take as one more line.
static void imap_line(struct session *session, const char *line, size_t length) {
  if (!session->in_literal) sscanf(line, "%31s", session->tag);
  session->in_literal = length > 0 && line[length - 1] == '}';
  if (session->in_literal) {
    reply(session, "+ go on\r\n");
    return;
  }
  session->logged_in = 1;
  reply_tagged(session, "logged in");
}

static void mailbox_line(struct session *session, const char *line) {
  unsigned long long count;
  if (sscanf(line, "D %llu", &count) == 1) {
    session->to_send = count;
    pour(session);
  } else if (sscanf(line, "U %llu", &count) == 1) {
    session->to_come = count;
  } else {
    sscanf(line, "%31s", session->tag);
    reply_tagged(session, "done");
  }
}

static void line_came(struct session *session, const char *line, size_t length) {
  switch (session->protocol) {
    case IMAP:
      if (session->logged_in) mailbox_line(session, line);
      else imap_line(session, line, length);
      break;
    case POP3:
      reply(session, "+OK\r\n");
      break;
    default:
      reply(session, strncmp(line, "XCLIENT", 7) == 0 ? GREETINGS[SMTP] : "250 backend\r\n");
  }
}

// 0 where a line is too long.
static int bytes_came(struct session *session, const char *bytes, size_t count) {
  while (count > 0) {
    if (session->to_come > 0) {
      size_t part = session->to_come < count ? (size_t)session->to_come : count;
      session->to_come -= part;
      bytes += part;
      count -= part;
      if (session->to_come == 0) reply(session, "OK\r\n");
      continue;
    }
    const char *end = memchr(bytes, '\n', count);
    size_t part = end == NULL ? count : (size_t)(end + 1 - bytes);
    if (session->used + part >= LINE_MAX_BYTES) return 0;
    memcpy(session->line + session->used, bytes, part);
    session->used += part;
    bytes += part;
    count -= part;
    if (end == NULL) return 1;
    size_t length = session->used;
    while (length > 0 && (session->line[length - 1] == '\n' || session->line[length - 1] == '\r')) length--;
    session->line[length] = '\0';
    session->used = 0;
    line_came(session, session->line, length);
  }
  return 1;
}

static void take(struct session *session, uint32_t what) {
  if (what & EPOLLOUT) pour(session);
  if (!(what & ~(uint32_t)EPOLLOUT)) return;
  ssize_t got = read(session->fd, scratch, sizeof scratch);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0 || !bytes_came(session, scratch, (size_t)got)) leave(session);
}

static void accept_all(enum protocol protocol) {
  for (int fd; (fd = accept_one(listeners[protocol])) >= 0;) {
    struct session *session = calloc(1, sizeof *session);
    if (session == NULL) fail("calloc");
    session->fd = fd;
    session->protocol = protocol;
    watch(fd, session, EPOLLIN);
    reply(session, GREETINGS[protocol]);
  }
}

int main(int argc, char **argv) {
  arguments(argc, argv);
  watch_orders();
  memset(piece, 'x', sizeof piece);
  for (int i = 0; i < PROTOCOLS; i++) {
    listeners[i] = listen_on(text("host"), number(NAMES[i], 0));
    watch(listeners[i], &listeners[i], EPOLLIN);
  }
  say("ready");
  while (!left) {
    struct epoll_event events[EVENTS];
    int count = happened(events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int *listener = events[i].data.ptr;
      if (listener == NULL) read_orders();
      else if (listener >= listeners && listener < listeners + PROTOCOLS) accept_all((enum protocol)(listener - listeners));
      else take(events[i].data.ptr, events[i].events);
    }
  }
  return 0;
}
