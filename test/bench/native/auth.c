// The auth server of the benchmark: lets everybody in, and names the backend of the protocol.
// host= port= backend= (address) imap= pop3= smtp= (ports). Ends when standard input does.
#include "common.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 2048
#define EVENTS 256

struct exchange {
  int fd;
  size_t used;
  char request[REQUEST_MAX + 1];
};

static int listener;

static void leave(struct exchange *exchange) {
  close(exchange->fd);
  free(exchange);
}

// HTTP/1.1 keeps the connection, unless it says "close".
static int is_kept(const char *request) {
  return strstr(request, " HTTP/1.1\r\n") != NULL && strcasestr(request, "\r\nConnection: close") == NULL;
}

// How long the request is with its head's end; 0 where that has not come yet.
static size_t length_of(const char *request) {
  const char *end = strstr(request, "\r\n\r\n");
  return end == NULL ? 0 : (size_t)(end + 4 - request);
}

static long port_for(const char *request) {
  const char *line = strstr(request, "\r\nAuth-Protocol: ");
  char protocol[8] = "";
  if (line != NULL) sscanf(line + 17, "%7[a-z0-9]", protocol);
  return number(protocol, 0);
}

// 0 where the connection is over.
static int answer(struct exchange *exchange) {
  size_t length;
  while ((length = length_of(exchange->request)) > 0) {
    char reply[512];
    int kept = is_kept(exchange->request);
    int size = snprintf(reply, sizeof reply,
                        "HTTP/%s 200 OK\r\nAuth-Status: OK\r\nAuth-Server: %s\r\nAuth-Port: %ld\r\n%s\r\n",
                        kept ? "1.1" : "1.0", text("backend"), port_for(exchange->request),
                        kept ? "Content-Length: 0\r\n" : "");
    if (write(exchange->fd, reply, (size_t)size) != size || !kept) return 0;
    exchange->used -= length;
    memmove(exchange->request, exchange->request + length, exchange->used + 1);
  }
  return exchange->used < REQUEST_MAX;
}

static void take(struct exchange *exchange) {
  ssize_t got = read(exchange->fd, exchange->request + exchange->used, REQUEST_MAX - exchange->used);
  if (got <= 0) {
    leave(exchange);
    return;
  }
  exchange->used += (size_t)got;
  exchange->request[exchange->used] = '\0';
  if (!answer(exchange)) leave(exchange);
}

static void accept_all(void) {
  for (int fd; (fd = accept_one(listener)) >= 0;) {
    struct exchange *exchange = malloc(sizeof *exchange);
    if (exchange == NULL) fail("malloc");
    exchange->fd = fd;
    exchange->used = 0;
    exchange->request[0] = '\0';
    watch(fd, exchange, EPOLLIN);
  }
}

int main(int argc, char **argv) {
  arguments(argc, argv);
  watch_orders();
  listener = listen_on(text("host"), number("port", 0));
  watch(listener, &listener, EPOLLIN);
  say("ready");
  while (!left) {
    struct epoll_event events[EVENTS];
    int count = happened(events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      void *who = events[i].data.ptr;
      if (who == NULL) read_orders();
      else if (who == &listener) accept_all();
      else take(who);
    }
  }
  return 0;
}
