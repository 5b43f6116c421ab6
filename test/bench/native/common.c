// What the benchmark's programs share: arguments NAME=VALUE, time, sockets, epoll, and orders on standard input.
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int argument_count;
static char **argument_list;
static int poller = -1;

long orders;
int left;

void fail(const char *what) {
  perror(what);
  exit(1);
}

// Also lifts the limit of descriptors as far as it goes, and opens the poller.
void arguments(int argc, char **argv) {
  argument_count = argc;
  argument_list = argv;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  signal(SIGPIPE, SIG_IGN);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("epoll_create1");
}

const char *text(const char *name) {
  size_t length = strlen(name);
  for (int i = 1; i < argument_count; i++) {
    if (strncmp(argument_list[i], name, length) == 0 && argument_list[i][length] == '=') {
      return argument_list[i] + length + 1;
    }
  }
  return "";
}

long number(const char *name, long fallback) {
  const char *value = text(name);
  return *value == '\0' ? fallback : strtol(value, NULL, 10);
}

uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct sockaddr_in address_of(const char *host, long port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)port);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail(host);
  return address;
}

static int open_socket(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  return fd;
}

static void send_at_once(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int listen_on(const char *host, long port) {
  struct sockaddr_in address = address_of(host, port);
  int fd = open_socket();
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(fd, 4096) < 0) fail("listen");
  return fd;
}

int accept_one(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) send_at_once(fd);
  return fd;
}

// -1 with errno where it is refused at once.
int connect_to(const char *host, long port) {
  struct sockaddr_in address = address_of(host, port);
  int fd = open_socket();
  send_at_once(fd);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

void watch(int fd, void *who, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = who}};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

void watch_again(int fd, void *who, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = who}};
  if (epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event) < 0) fail("epoll_ctl");
}

int happened(struct epoll_event *events, int max, int timeout_ms) {
  int count = epoll_wait(poller, events, max, timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  return count < 0 ? 0 : count;
}

// Comes back with the pointer NULL.
void watch_orders(void) {
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  watch(STDIN_FILENO, NULL, EPOLLIN);
}

void read_orders(void) {
  char bytes[256];
  ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    left = 1;
    epoll_ctl(poller, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
  }
  for (ssize_t i = 0; i < got; i++) orders += bytes[i] == '\n';
}

void say(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
  putchar('\n');
  fflush(stdout);
}
