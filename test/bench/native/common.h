// What the benchmark's programs share: arguments NAME=VALUE, time, sockets, epoll, and orders on standard input.
#include <stdint.h>
#include <sys/epoll.h>

// Arguments. A number that is not given is the fallback; a text that is not given is "".
void arguments(int argc, char **argv);
long number(const char *name, long fallback);
const char *text(const char *name);

uint64_t now_ns(void);

// Sockets do not block, and send at once.
int listen_on(const char *host, long port);
int accept_one(int listener);
int connect_to(const char *host, long port);

// Who is interested in a descriptor gets the pointer back.
void watch(int fd, void *who, uint32_t events);
void watch_again(int fd, void *who, uint32_t events);
int happened(struct epoll_event *events, int max, int timeout_ms);

// Orders: `orders` counts lines read so far; `left` is set when standard input has ended.
extern long orders;
extern int left;
void watch_orders(void);
void read_orders(void);

// A line on standard output, without delay.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *what) __attribute__((noreturn));
