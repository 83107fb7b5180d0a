import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { round, until } from '../bench/measure.ts'
import type { OverloadProduct } from './overload-product.ts'

export interface OverloadFigures {
  /** Tasks a second that were offered, and what that is of capacity. */
  offeredPerSecond: number
  load: number
  accepted: number
  /** Said no to before they were accepted. */
  refused: number
  done: number
  failed: number
  /** Handlers that began: more than are done are work for nothing. */
  runs: number
  /** Tasks that were done while load was offered, a second, of capacity. */
  goodput: number
  /** From the last offer to the last end. */
  drainMs: number
}

const SUBMIT_TIMEOUT_MS = 10_000
const DRAIN_TIMEOUT_MS = 120_000

interface Watched {
  done: number
  failed: number
  end: () => void
}

/** As many as can be done: the capacity that loads are fractions of. Tasks a second. */
export async function measureCapacity(
  { bus }: OverloadProduct,
  body: object,
  about: { underWay: number; seconds: number },
): Promise<number> {
  const watched = watchEnds(bus)
  const stopMs = performance.now() + about.seconds * 1000
  let sent = 0
  const warmMs = performance.now() + 1000
  let atWarm = 0
  while (performance.now() < stopMs) {
    if (atWarm === 0 && performance.now() >= warmMs) atWarm = watched.done
    if (sent - watched.done - watched.failed < about.underWay) {
      sent++
      await submit(bus, body)
    } else await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const rate = (watched.done - atWarm) / (about.seconds - 1)
  await until('the capacity run', () => watched.done + watched.failed >= sent, DRAIN_TIMEOUT_MS)
  watched.end()
  return round(rate, 1)
}

/** Offers a fixed rate, whatever the answers are, and waits until all that was accepted has ended. */
export async function offerLoad(
  product: OverloadProduct,
  about: { body: object; agent: string; capacity: number; load: number; seconds: number },
): Promise<OverloadFigures> {
  const { bus } = product
  const { body, agent, capacity, load, seconds } = about
  const watched = watchEnds(bus)
  const runsBefore = product.begun(agent)
  const rate = capacity * load
  const count = { accepted: 0, refused: 0 }
  const open: Promise<void>[] = []
  const startMs = performance.now()
  for (let i = 0; i < rate * seconds; i++) {
    const waitMs = startMs + (i * 1000) / rate - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    open.push(submit(bus, body).then((isIn) => void (isIn ? count.accepted++ : count.refused++)))
  }
  const offeredMs = performance.now() - startMs
  const doneMeanwhile = watched.done
  await Promise.all(open)
  await until('the drain', () => watched.done + watched.failed >= count.accepted, DRAIN_TIMEOUT_MS)
  const drainMs = performance.now() - startMs - offeredMs
  watched.end()
  return {
    offeredPerSecond: round(rate, 1),
    load,
    ...count,
    done: watched.done,
    failed: watched.failed,
    runs: product.begun(agent) - runsBefore,
    goodput: round(doneMeanwhile / (offeredMs / 1000) / capacity, 3),
    drainMs: round(drainMs, 0),
  }
}

/** All at once, to agents that can't do them all in the time that is allowed. */
export async function offerBurst(
  product: OverloadProduct,
  about: { body: object; agent: string; tasks: number },
): Promise<Pick<OverloadFigures, 'accepted' | 'refused' | 'done' | 'failed' | 'runs'>> {
  const watched = watchEnds(product.bus)
  const runsBefore = product.begun(about.agent)
  const ends = await Promise.all(Array.from({ length: about.tasks }, () => submit(product.bus, about.body)))
  const accepted = ends.filter((isIn) => isIn).length
  await until('the burst', () => watched.done + watched.failed >= accepted, DRAIN_TIMEOUT_MS)
  watched.end()
  const { done, failed } = watched
  return {
    accepted,
    refused: ends.length - accepted,
    done,
    failed,
    runs: product.begun(about.agent) - runsBefore,
  }
}

function watchEnds(bus: Bus): Watched {
  const watched: Watched = { done: 0, failed: 0, end: () => {} }
  const ends = [
    bus.subscribe('tasks.events.plan.*.completed', () => void watched.done++),
    bus.subscribe('tasks.events.plan.*.failed', () => void watched.failed++),
  ]
  watched.end = () => {
    for (const end of ends) end()
  }
  return watched
}

/** @returns false when it was refused with a time to come back */
async function submit(bus: Bus, body: object): Promise<boolean> {
  try {
    await bus.request(SERVICES.submitTask, body, { timeoutMs: SUBMIT_TIMEOUT_MS })
    return true
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'OVERLOADED') return false
    throw error
  }
}
