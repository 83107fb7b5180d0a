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
  try {
    for (;;) {
      const next = await unlessAborted(items.next(), signal)
      if (next.done) return
      yield next.value
    }
  } finally {
    // Behind what it is waiting for: not waited for, and no fault of the reader's.
    void items.return?.().catch(() => {})
  }
}

/** Listens anew each time: a promise that outlives many others in `Promise.race` keeps all that they have given. */
/** As the work does, or rejects with the reason of the signal as soon as that is aborted. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
