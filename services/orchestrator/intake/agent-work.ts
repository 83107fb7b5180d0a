import type { Plan } from '#schemas/plan.ts'
import { PRIORITIES } from '#subjects/subjects.ts'
import type { StepCount } from '#workflow/decide/step-counts.ts'

/** What there is to do for one agent type, and what it has done: steps by priority, the most urgent first. */
export type AgentWork = Readonly<Record<StepCount, readonly number[]>>

const none = () => PRIORITIES.map(() => 0)

/** Sums of step counts, by agent type. What has another name than counts have is left out. Pure. */
export function workByAgent(counts: ReadonlyMap<string, number>): Map<string, AgentWork> {
  const work = new Map<string, Record<StepCount, number[]>>()
  for (const [name, count] of counts) {
    const [agent, priority, kind] = name.split(' ')
    if (agent === undefined || (kind !== 'ready' && kind !== 'later' && kind !== 'done')) continue
    let of = work.get(agent)
    if (!of) {
      of = { ready: none(), later: none(), done: none() }
      work.set(agent, of)
    }
    const place = Number(priority)
    // A count that was begun by a release without it may be below what is there for a while.
    if (place in of[kind]) of[kind][place] = Math.max(0, count)
  }
  return work
}

/** Steps that a task brings, by agent type. */
export interface Brought {
  /** Those that may run at once. */
  ready: number
  /** All of them. */
  all: number
}

/** What a plan brings that begins now: a list whose length is known has so many steps. Steps behind something that is waited for come later than anybody knows. Pure. */
export function broughtBy({ steps }: Plan): Map<string, Brought> {
  const brought = new Map<string, Brought>()
  const waits = new Set<string>()
  // Steps need what may stand behind them: until nothing more is found.
  for (let before = -1; before !== waits.size; ) {
    before = waits.size
    for (const { id, agent, needs = [] } of steps)
      if (agent === undefined || needs.some((need) => waits.has(need))) waits.add(id)
  }
  for (const { id, agent, needs, forEach } of steps) {
    if (agent === undefined || waits.has(id)) continue
    const of = brought.get(agent) ?? { ready: 0, all: 0 }
    brought.set(agent, of)
    const count = Array.isArray(forEach?.items) ? forEach.items.length : 1
    of.all += count
    if (!needs?.length) of.ready += count
  }
  return brought
}
