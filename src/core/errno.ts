// System error numbers and their texts, as the C library of Linux prints them (strerror, glibc, C locale).
import type { SystemFault } from '../conf/directive.ts';

/** The number, the name and the text of the errors that files, sockets and processes give. */
const ERRORS: readonly (readonly [number, string, string])[] = [
  [1, 'EPERM', 'Operation not permitted'],
  [2, 'ENOENT', 'No such file or directory'],
  [3, 'ESRCH', 'No such process'],
  [4, 'EINTR', 'Interrupted system call'],
  [5, 'EIO', 'Input/output error'],
  [6, 'ENXIO', 'No such device or address'],
  [7, 'E2BIG', 'Argument list too long'],
  [8, 'ENOEXEC', 'Exec format error'],
  [9, 'EBADF', 'Bad file descriptor'],
  [10, 'ECHILD', 'No child processes'],
  [11, 'EAGAIN', 'Resource temporarily unavailable'],
  [12, 'ENOMEM', 'Cannot allocate memory'],
  [13, 'EACCES', 'Permission denied'],
  [14, 'EFAULT', 'Bad address'],
  [16, 'EBUSY', 'Device or resource busy'],
  [17, 'EEXIST', 'File exists'],
  [18, 'EXDEV', 'Invalid cross-device link'],
  [19, 'ENODEV', 'No such device'],
  [20, 'ENOTDIR', 'Not a directory'],
  [21, 'EISDIR', 'Is a directory'],
  [22, 'EINVAL', 'Invalid argument'],
  [23, 'ENFILE', 'Too many open files in system'],
  [24, 'EMFILE', 'Too many open files'],
  [25, 'ENOTTY', 'Inappropriate ioctl for device'],
  [26, 'ETXTBSY', 'Text file busy'],
  [27, 'EFBIG', 'File too large'],
  [28, 'ENOSPC', 'No space left on device'],
  [29, 'ESPIPE', 'Illegal seek'],
  [30, 'EROFS', 'Read-only file system'],
  [31, 'EMLINK', 'Too many links'],
  [32, 'EPIPE', 'Broken pipe'],
  [33, 'EDOM', 'Numerical argument out of domain'],
  [34, 'ERANGE', 'Numerical result out of range'],
  [35, 'EDEADLK', 'Resource deadlock avoided'],
  [36, 'ENAMETOOLONG', 'File name too long'],
  [37, 'ENOLCK', 'No locks available'],
  [38, 'ENOSYS', 'Function not implemented'],
  [39, 'ENOTEMPTY', 'Directory not empty'],
  [40, 'ELOOP', 'Too many levels of symbolic links'],
  [61, 'ENODATA', 'No data available'],
  [62, 'ETIME', 'Timer expired'],
  [64, 'ENONET', 'Machine is not on the network'],
  [67, 'ENOLINK', 'Link has been severed'],
  [70, 'ECOMM', 'Communication error on send'],
  [71, 'EPROTO', 'Protocol error'],
  [74, 'EBADMSG', 'Bad message'],
  [75, 'EOVERFLOW', 'Value too large for defined data type'],
  [84, 'EILSEQ', 'Invalid or incomplete multibyte or wide character'],
  [87, 'EUSERS', 'Too many users'],
  [88, 'ENOTSOCK', 'Socket operation on non-socket'],
  [89, 'EDESTADDRREQ', 'Destination address required'],
  [90, 'EMSGSIZE', 'Message too long'],
  [91, 'EPROTOTYPE', 'Protocol wrong type for socket'],
  [92, 'ENOPROTOOPT', 'Protocol not available'],
  [93, 'EPROTONOSUPPORT', 'Protocol not supported'],
  [94, 'ESOCKTNOSUPPORT', 'Socket type not supported'],
  [95, 'ENOTSUP', 'Operation not supported'],
  [96, 'EPFNOSUPPORT', 'Protocol family not supported'],
  [97, 'EAFNOSUPPORT', 'Address family not supported by protocol'],
  [98, 'EADDRINUSE', 'Address already in use'],
  [99, 'EADDRNOTAVAIL', 'Cannot assign requested address'],
  [100, 'ENETDOWN', 'Network is down'],
  [101, 'ENETUNREACH', 'Network is unreachable'],
  [102, 'ENETRESET', 'Network dropped connection on reset'],
  [103, 'ECONNABORTED', 'Software caused connection abort'],
  [104, 'ECONNRESET', 'Connection reset by peer'],
  [105, 'ENOBUFS', 'No buffer space available'],
  [106, 'EISCONN', 'Transport endpoint is already connected'],
  [107, 'ENOTCONN', 'Transport endpoint is not connected'],
  [108, 'ESHUTDOWN', 'Cannot send after transport endpoint shutdown'],
  [109, 'ETOOMANYREFS', 'Too many references: cannot splice'],
  [110, 'ETIMEDOUT', 'Connection timed out'],
  [111, 'ECONNREFUSED', 'Connection refused'],
  [112, 'EHOSTDOWN', 'Host is down'],
  [113, 'EHOSTUNREACH', 'No route to host'],
  [114, 'EALREADY', 'Operation already in progress'],
  [115, 'EINPROGRESS', 'Operation now in progress'],
  [116, 'ESTALE', 'Stale file handle'],
  [121, 'EREMOTEIO', 'Remote I/O error'],
  [122, 'EDQUOT', 'Disk quota exceeded'],
  [125, 'ECANCELED', 'Operation canceled'],
  [126, 'ENOKEY', 'Required key not available'],
  [127, 'EKEYEXPIRED', 'Key has expired'],
  [128, 'EKEYREVOKED', 'Key has been revoked'],
  [129, 'EKEYREJECTED', 'Key was rejected by service'],
  [130, 'EOWNERDEAD', 'Owner died'],
  [131, 'ENOTRECOVERABLE', 'State not recoverable'],
];

const BY_NUMBER: ReadonlyMap<number, { readonly code: string; readonly text: string }> = new Map(
  ERRORS.map(([errno, code, text]) => [errno, { code, text }]),
);
const BY_CODE: ReadonlyMap<string, number> = new Map(ERRORS.map(([errno, code]) => [code, errno]));

/** Linux has no larger one. libuv's own codes (end of file, the resolver's) lie far above and stand for no errno. */
const MAX_ERRNO = 133;

/** An error of the system: the positive number, its name, its text, and the call that failed where that is known. */
export interface SystemError extends SystemFault {
  readonly code: string;
  readonly text: string;
  /** As libuv names it: `connect`, `read`, `write`, `open`. */
  readonly syscall: string | undefined;
}

/** The text of a number, `Unknown error N` where there is none, as strerror says it. */
export function errnoText(errno: number): string {
  return BY_NUMBER.get(errno)?.text ?? `Unknown error ${errno}`;
}

/** The number with this text; undefined where there is none. */
export function errnoOf(text: string): number | undefined {
  return ERRORS.find(([, , other]) => other === text)?.[0];
}

/** ` (111: Connection refused)`: what nginx appends to a message. */
export function errnoSuffix(errno: number): string {
  return ` (${errno}: ${errnoText(errno)})`;
}

/** The number of a name such as `ECONNREFUSED`; undefined for names that are not the system's. */
export function errnoNumber(code: string): number | undefined {
  return BY_CODE.get(code);
}

/**
 * Reads the errno of what Node.js threw or emitted.
 * @returns undefined for anything else: TLS and `ERR_…` errors, libuv's own codes, no error at all.
 */
export function systemError(error: unknown): SystemError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const errno = errnoField(error) ?? codeField(error);
  if (errno === undefined) return undefined;
  const code = BY_NUMBER.get(errno)?.code ?? `E${errno}`;
  return { errno, code, text: errnoText(errno), syscall: syscallField(error) };
}

/** libuv's numbers are negative, those of native packages may be either. */
function errnoField(error: object): number | undefined {
  if (!('errno' in error) || typeof error.errno !== 'number') return undefined;
  const errno = Math.abs(error.errno);
  return Number.isInteger(errno) && errno > 0 && errno <= MAX_ERRNO ? errno : undefined;
}

/** The code alone: an AggregateError of several attempts to connect carries no number. */
function codeField(error: object): number | undefined {
  return 'code' in error && typeof error.code === 'string' ? BY_CODE.get(error.code) : undefined;
}

function syscallField(error: object): string | undefined {
  return 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : undefined;
}
