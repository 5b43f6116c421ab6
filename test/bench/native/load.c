// The clients of the benchmark, all in one thread.
// host= port= protocol= (imap, pop3, smtp) tls= (1.2, 1.3) resume=1, and mode=
//   login  abreast= count= ms=   logins one after the other in each lane; without both, until the next order
//   hold   abreast= count= login=0   opens sessions, and keeps them
//   ping, down, up  clients= count= or bytes=   for each of the sessions, which are logged in before
//   greet  port=   asks again and again until somebody greets
// Says "ready", waits for an order (a line on standard input), says what it found, NAME VALUE in each line, and
// "end". With the end of standard input it says "alive N" and closes.
#include "session.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS 256
#define PIECE (256 * 1024)
#define SAMPLES_MAX 1000000

static struct session *sessions;
static const char *mode;
static long count, lanes;
static long begun, in, failures[FAILURES], resumed, dead, done;
static uint64_t deadline;
static long last_order;
static int waiting; // lanes that begin again at the next turn, after a failure
static uint32_t *samples; // of a login, in microseconds
static long sample_count;
static char piece[PIECE];

static int is(const char *name) { return strcmp(mode, name) == 0; }

// -- logins ------------------------------------------------------------------------------------------------------

static int has_more(void) {
  if (count > 0 && begun >= count) return 0;
  if (deadline > 0) return now_ns() < deadline;
  return count > 0 || orders == last_order;
}

static void next_login(struct session *session) {
  if (!has_more() || left) {
    done++;
    return;
  }
  begun++;
  session_open(session, session->lane);
}

static void begin_again(void) {
  waiting = 0;
  for (long i = 0; i < lanes; i++) {
    if (sessions[i].times == 0) continue;
    sessions[i].times = 0;
    next_login(&sessions[i]);
  }
}

static void took_login(struct session *session) {
  in++;
  resumed += session->resumed;
  if (sample_count < SAMPLES_MAX) samples[sample_count++] = (uint32_t)((now_ns() - session->since) / 1000);
  session_close(session, 0);
  next_login(session);
}

static int by_value(const void *a, const void *b) {
  uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
  return one < other ? -1 : one > other;
}

static void say_quantile(const char *name, double part) {
  if (sample_count > 0) say("%s %u", name, samples[(long)(part * (double)(sample_count - 1) + 0.5)]);
}

// -- sessions that stay ------------------------------------------------------------------------------------------

static void next_held(void) {
  if (begun >= count) return;
  struct session *session = &sessions[begun++];
  session_open(session, (int)(session - sessions));
}

static void took_held(struct session *session) {
  (void)session;
  in++;
  next_held();
}

static void say_line(struct session *session, const char *line) {
  if (session_write(session, line, strlen(line)) != (ssize_t)strlen(line)) fail("a command was not taken");
}

static void push(struct session *session) {
  while (session->to_send > 0) {
    size_t size = session->to_send < PIECE ? (size_t)session->to_send : PIECE;
    ssize_t put = session_write(session, piece, size);
    if (put == AGAIN_READ || put == AGAIN_WRITE) return;
    if (put <= 0) fail("write");
    session->to_send -= (uint64_t)put;
  }
  watch_again(session->fd, session, EPOLLIN);
}

static void begin_work(struct session *session) {
  char line[64];
  if (is("ping")) {
    session->times = number("count", 1);
    say_line(session, "x NOOP\r\n");
    return;
  }
  uint64_t bytes = (uint64_t)number("bytes", 1);
  snprintf(line, sizeof line, "%s %llu\r\n", is("down") ? "D" : "U", (unsigned long long)bytes);
  say_line(session, line);
  if (is("down")) {
    session->to_come = bytes;
  } else {
    session->to_send = bytes;
    session->times = 1;
    watch_again(session->fd, session, EPOLLIN | EPOLLOUT);
  }
}

static void swallow(struct session *session) {
  for (int turns = 0; turns < 8 && session->to_come > 0; turns++) {
    ssize_t got = session_read(session, piece, PIECE);
    if (got == AGAIN_READ || got == AGAIN_WRITE) return;
    if (got <= 0) fail("read");
    session->to_come -= (uint64_t)got;
    if (session->to_come == 0) done++;
  }
}

static void work(struct session *session, uint32_t events) {
  if (session->to_send > 0 && (events & EPOLLOUT)) push(session);
  if (!(events & ~(uint32_t)EPOLLOUT)) return;
  if (session->to_come > 0) {
    swallow(session);
    return;
  }
  int came = session_reply(session, is("up") ? "OK" : "x OK");
  if (came < 0) {
    dead++;
    session_close(session, 0);
    return;
  }
  if (came == 0) return;
  if (--session->times > 0) say_line(session, "x NOOP\r\n");
  else done++;
}

// ----------------------------------------------------------------------------------------------------------------

static void failed(struct session *session, enum failure failure) {
  failures[failure]++;
  if (is("login")) waiting = 1, session->times = 1;
  else if (!is("greet")) next_held();
}

static void turn(int timeout_ms) {
  struct epoll_event events[EVENTS];
  int found = happened(events, EVENTS, timeout_ms);
  for (int i = 0; i < found; i++) {
    if (events[i].data.ptr == NULL) read_orders();
    else session_event(events[i].data.ptr, events[i].events);
  }
}

static void wait_for_order(void) {
  say("ready");
  while (orders == last_order && !left) turn(-1);
  if (left) exit(0);
  last_order = orders;
}

static void open_held(void) {
  for (long i = 0; i < lanes; i++) next_held();
  while (in + failures[REFUSED] + failures[LOST] + failures[DENIED] < count) turn(-1);
}

static void run_logins(void) {
  long ms = number("ms", 0);
  if (ms > 0) deadline = now_ns() + (uint64_t)ms * 1000000u;
  for (long i = 0; i < lanes; i++) {
    sessions[i].lane = (int)i;
    next_login(&sessions[i]);
  }
  while (done < lanes) {
    turn(waiting ? 1 : -1);
    if (waiting) begin_again();
  }
}

static void took_greeting(struct session *session) {
  say("at %llu", (unsigned long long)now_ns());
  session_close(session, 1);
  in++;
}

static void ask_again(void) {
  while (in == 0 && !left) {
    if (sessions->state == CLOSED) {
      usleep(300);
      session_open(sessions, 0);
    }
    turn(1);
  }
}

int main(int argc, char **argv) {
  arguments(argc, argv);
  watch_orders();
  mode = text("mode");
  count = is("ping") || is("down") || is("up") ? number("clients", 1) : number("count", is("greet") ? 1 : 0);
  lanes = number("abreast", 1);
  if (!is("login") && lanes > count) lanes = count;
  plan.host = text("host");
  plan.port = number("port", 0);
  plan.protocol = text("protocol");
  plan.over_tls = *text("tls") != '\0';
  plan.logs_in = !is("greet") && number("login", 1) == 1;
  plan.in_came = is("login") ? took_login : is("greet") ? took_greeting : took_held;
  plan.failed = failed;
  plan.after = work;
  long slots = is("login") ? lanes : count;
  sessions = calloc((size_t)slots, sizeof *sessions);
  samples = malloc(SAMPLES_MAX * sizeof *samples);
  if (sessions == NULL || samples == NULL) fail("memory");
  if (plan.over_tls) tls_prepare(text("tls"), number("resume", 0) == 1, (int)slots);
  memset(piece, 'x', sizeof piece);

  int works = is("ping") || is("down") || is("up");
  if (works) open_held();
  wait_for_order();
  uint64_t started = now_ns();
  if (is("greet")) ask_again();
  else if (is("login")) run_logins();
  else if (!works) open_held();
  else {
    for (long i = 0; i < count; i++) {
      if (sessions[i].state == IN) begin_work(&sessions[i]);
    }
    while (done + dead < count - failures[REFUSED] - failures[LOST] - failures[DENIED]) turn(-1);
  }
  say("ms %.3f", (double)(now_ns() - started) / 1e6);
  say("good %ld", in);
  say("refused %ld", failures[REFUSED]);
  say("lost %ld", failures[LOST] + dead);
  say("denied %ld", failures[DENIED]);
  say("resumed %ld", resumed);
  qsort(samples, (size_t)sample_count, sizeof *samples, by_value);
  say_quantile("p50", 0.50);
  say_quantile("p99", 0.99);
  say("end");
  while (!left) turn(-1);
  long alive = 0;
  for (long i = 0; i < slots; i++) alive += sessions[i].state == IN;
  say("alive %ld", alive);
  for (long i = 0; i < slots; i++) session_close(&sessions[i], 1);
  return 0;
}
