/** Bytes of one encoded message; writing more fails with ADAPTER_LIMIT. What gRPC receivers take by default. */
export const maxMessageBytes = 4_194_304

/** Messages inside messages; one more fails with ADAPTER_PROTOCOL. */
export const maxDepth = 64
