// The unit of nginx's default buffers.

/** Bytes of a memory page: that of x86-64, so that limits are the same everywhere. */
export const PAGE_SIZE = 4096;
