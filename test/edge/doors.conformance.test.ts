import t from 'tap'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { CASES } from './conformance/cases.ts'
import { comparable } from './conformance/comparable.ts'
import type { Door } from './conformance/door.ts'
import { grpcDoor } from './conformance/grpc-door.ts'
import { natsDoor } from './conformance/nats-door.ts'
import { restDoor } from './conformance/rest-door.ts'
import { RESULT_CASES } from './conformance/result-cases.ts'

// One contract: the same conversations through every door, and the same answers.

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
await startService(t, servers, 'services/agents/video-agents.ts')
const edge = await startService(t, servers, 'services/edge/main.ts')
const bus = await openBus(t, servers.natsUrl)
const { restPort, grpcPort } = factsOf(edge)
const doors: Door[] = [
  await natsDoor(bus, servers.natsUrl),
  restDoor(`http://127.0.0.1:${restPort}`),
  grpcDoor(`127.0.0.1:${grpcPort}`),
]
t.teardown(() => Promise.all(doors.map((door) => door.close())))

for (const { name, run } of [...CASES, ...RESULT_CASES]) {
  t.test(name, async (t) => {
    const answers = await Promise.all(doors.map(async (door) => comparable(await run(door))))
    t.not(answers[0], undefined)
    for (const [i, door] of doors.entries())
      if (i > 0) t.strictSame(answers[i], answers[0], `${door.name} answers as ${doors[0]!.name} does`)
  })
}
