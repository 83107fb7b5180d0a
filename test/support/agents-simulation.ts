import { type Charge, FairQueue, type QueueEntry } from '../../services/orchestrator/dispatch/fair-queue.ts'
import { NO_LIMITS, type QueueLimits } from '../../services/orchestrator/dispatch/queue-limits.ts'

export interface SimulatedStep extends QueueEntry {
  id: string
  serviceMs: number
  arrivesAtMs: number
}

interface Running {
  endsAtMs: number
  charge: Charge<SimulatedStep>
}

/** Agents with so many slots that work off a fair queue in virtual time, and what they saw. */
export function simulateAgents(about: {
  steps: SimulatedStep[]
  slots: number
  untilMs: number
  limits?: QueueLimits
}) {
  const { slots, untilMs, limits = NO_LIMITS } = about
  const coming = about.steps.toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs)
  const queue = new FairQueue<SimulatedStep>()
  queue.limits = limits
  let running: Running[] = []
  const seen = {
    ended: [] as string[],
    faults: [] as string[],
    idleWhileWaiting: 0,
    usedMs: new Map<string, number>(),
    usedMsByKey: new Map<string, number>(),
    latenciesMs: new Map<string, number[]>(),
  }
  let averageMs = 100
  let nowMs = 0
  let next = 0
  while (nowMs <= untilMs) {
    for (; next < coming.length && coming[next]!.arrivesAtMs <= nowMs; next++) queue.push(coming[next]!)
    while (running.length < slots) {
      const charge = queue.take(nowMs, averageMs)
      if (!charge) break
      running.push({ endsAtMs: nowMs + charge.entry.serviceMs, charge })
    }
    if (running.length < slots && queue.size > 0 && limits === NO_LIMITS) seen.idleWhileWaiting++
    seen.faults.push(...exceeded(running, limits))
    const times = running.map(({ endsAtMs }) => endsAtMs)
    if (next < coming.length) times.push(coming[next]!.arrivesAtMs)
    const readyAtMs = running.length < slots ? queue.readyAtMs(nowMs) : undefined
    if (readyAtMs !== undefined && readyAtMs > nowMs) times.push(readyAtMs)
    if (times.length === 0) break
    nowMs = Math.min(...times)
    for (const { charge } of running.filter(({ endsAtMs }) => endsAtMs <= nowMs)) {
      const { id, tenant, key, serviceMs, arrivesAtMs } = charge.entry
      queue.end(charge, serviceMs)
      averageMs = 0.9 * averageMs + 0.1 * serviceMs
      seen.ended.push(id)
      seen.usedMs.set(tenant, (seen.usedMs.get(tenant) ?? 0) + serviceMs)
      seen.usedMsByKey.set(key, (seen.usedMsByKey.get(key) ?? 0) + serviceMs)
      const latencies = seen.latenciesMs.get(tenant) ?? []
      latencies.push(nowMs - arrivesAtMs)
      seen.latenciesMs.set(tenant, latencies)
    }
    running = running.filter(({ endsAtMs }) => endsAtMs > nowMs)
  }
  return seen
}

function exceeded(running: readonly Running[], limits: QueueLimits): string[] {
  const entries = running.map(({ charge }) => charge.entry)
  const largest = (nameOf: (step: SimulatedStep) => string, some = entries) =>
    Math.max(0, ...[...Map.groupBy(some, nameOf).values()].map((group) => group.length))
  const named = entries.filter(({ key }) => key !== '')
  return [
    ...(entries.length > limits.concurrency ? [`${entries.length} of the type`] : []),
    ...(largest(({ tenant }) => tenant) > limits.tenantConcurrency ? ['a tenant'] : []),
    ...(largest(({ tenant, key }) => `${tenant}.${key}`, named) > limits.keyConcurrency ? ['a key'] : []),
  ]
}

/** 1 when all have the same, 1 ÷ n when one has everything. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, one) => total + one, 0)
  const squares = values.reduce((total, one) => total + one * one, 0)
  return (sum * sum) / (values.length * squares)
}
