import { AsyncLocalStorage } from 'node:async_hooks'
import { TRACEPARENT_HEADER } from './traceparent.ts'

const storage = new AsyncLocalStorage<string>()

/** Does something as part of a trace: requests over NATS that it makes and lines that it logs carry the trace, across awaits. */
export function withTrace<T>(traceparent: string | undefined, work: () => T): T {
  return traceparent === undefined ? work() : storage.run(traceparent, work)
}

/** The `traceparent` that is worked for just now; undefined outside of one. */
export function activeTraceparent(): string | undefined {
  return storage.getStore()
}

/** Its trace id: 32 hex digits. */
export function activeTraceId(): string | undefined {
  return storage.getStore()?.slice(3, 35)
}

/** Headers for a message that is sent because of what is worked for just now; undefined outside of a trace. */
export function traceHeaders(): { [TRACEPARENT_HEADER]: string } | undefined {
  const traceparent = storage.getStore()
  return traceparent === undefined ? undefined : { [TRACEPARENT_HEADER]: traceparent }
}
