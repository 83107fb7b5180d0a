/**
 * The same items until the signal is aborted: then its reason is thrown at once, whatever the source is waiting for. The source is
 * told that nobody reads on, and ends in its own time.
 * @throws what the source throws, the reason of the signal
 */
export async function* untilAborted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]()
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
  })
  // Nobody may be waiting when it happens.
  aborted.catch(() => {})
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      const next = await Promise.race([aborted, items.next()])
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Behind what it is waiting for: not waited for, and no fault of the reader's.
    void items.return?.().catch(() => {})
  }
}
