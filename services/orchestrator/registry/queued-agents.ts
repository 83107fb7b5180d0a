import type { Streams } from '#platform/nats/streams.ts'
import type { AgentView } from '#schemas/agent.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface QueuedAgents {
  /** Agent types, by name. */
  types: string[]
  /** Messages by subject of the queue. */
  stored: ReadonlyMap<string, number>
}

/** Agent types that live, and those of which none lives and for which something waits: somebody has to know of it. */
export async function queuedAgents(deps: {
  streams: Pick<Streams, 'fill'>
  registry: { list(): Promise<readonly Pick<AgentView, 'type'>[]> }
}): Promise<QueuedAgents> {
  const [living, { subjects: stored }] = await Promise.all([
    deps.registry.list(),
    deps.streams.fill(STREAMS.steps.name, SUBJECTS.stepsAll),
  ])
  // `steps.<agent>.…`
  const waitedFor = [...stored.keys()].flatMap((subject) => subject.split('.')[1] ?? [])
  return { types: [...new Set([...living.map(({ type }) => type), ...waitedFor])].sort(), stored }
}
