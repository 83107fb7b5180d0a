import t from 'tap'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { AGENT_POLICY_CASES } from './conformance/agent-policy-cases.ts'
import { ALERT_CARE_CASES } from './conformance/alert-care-cases.ts'
import { CASES } from './conformance/cases.ts'
import { comparable } from './conformance/comparable.ts'
import { CONTROL_CASES } from './conformance/control-cases.ts'
import { buryLetters, DEAD_LETTER_CASES } from './conformance/dead-letter-cases.ts'
import { grpcTransport } from './conformance/grpc-transport.ts'
import { KEY_CASES } from './conformance/key-cases.ts'
import { natsTransport } from './conformance/nats-transport.ts'
import { restTransport } from './conformance/rest-transport.ts'
import { RESULT_CASES } from './conformance/result-cases.ts'
import { SCHEDULE_CASES } from './conformance/schedule-cases.ts'
import { TEMPLATE_CASES } from './conformance/template-cases.ts'
import type { Transport } from './conformance/transport.ts'

// One contract: the same conversations through every transport, and the same answers.

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const [edge] = await Promise.all([
  startService(t, servers, 'services/edge/main.ts'),
  startService(t, servers, 'loadtest/bench/noop-agents.ts'),
  startService(t, servers, 'services/agents/video-agents.ts'),
])
const bus = await openBus(t, servers.natsUrl)
const { restPort, grpcPort } = factsOf(edge)
const transports: Transport[] = [
  await natsTransport(bus, servers.natsUrl),
  restTransport(`http://127.0.0.1:${restPort}`),
  grpcTransport(`127.0.0.1:${grpcPort}`),
]
t.teardown(() => Promise.all(transports.map((transport) => transport.close())))

await buryLetters(bus)

for (const { name, run } of [
  ...CASES,
  ...ALERT_CARE_CASES,
  ...RESULT_CASES,
  ...DEAD_LETTER_CASES,
  ...TEMPLATE_CASES,
  ...SCHEDULE_CASES,
  ...AGENT_POLICY_CASES,
  ...CONTROL_CASES,
  ...KEY_CASES,
]) {
  t.test(name, async (t) => {
    const answers = await Promise.all(transports.map(async (transport) => comparable(await run(transport))))
    t.not(answers[0], undefined)
    for (const [i, transport] of transports.entries())
      if (i > 0)
        t.strictSame(answers[i], answers[0], `${transport.name} answers as ${transports[0]!.name} does`)
  })
}
