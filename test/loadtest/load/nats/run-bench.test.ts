import t from 'tap'
import { BENCH_STEPS } from '../../../../loadtest/load/nats/bench-plan.ts'
import { findNatsProgram } from '../../../../loadtest/load/nats/find-nats-program.ts'
import { runNatsBench } from '../../../../loadtest/load/nats/run-bench.ts'
import { provisionFrames, provisionStreams } from '../../../../services/platform/nats/topology.ts'
import { STREAMS } from '../../../../subjects/streams.ts'
import { openNats } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'

t.setTimeout(180_000)
// Nothing is fetched by a test.
const program = await findNatsProgram(() => undefined, process.env, false)
const skip = program
  ? false
  : 'there is no nats program here: go install github.com/nats-io/natscli/nats@v0.5.0'

t.test('nats bench runs on the real streams, and leaves nothing behind', { skip }, async (t) => {
  const { natsUrl } = await withServers(t)
  const { jsm } = await openNats(t, natsUrl)
  await provisionStreams(jsm, { partitions: 4, storageBytes: 256 * 1024 * 1024 })
  await provisionFrames(jsm)
  const said: string[] = []
  const outcomes = await runNatsBench(
    { program: program!.path, url: natsUrl, messages: 2000, isOwn: true },
    (line) => said.push(line),
  )
  const measured = outcomes.filter(({ figures }) => figures && figures.messagesPerSecond > 0)
  // Nobody answers for an orchestrator here.
  t.strictSame(
    outcomes.filter((outcome) => !measured.includes(outcome)).map(({ name }) => name),
    ['requests answered by an orchestrator (murmur.agents.list)'],
    JSON.stringify(outcomes.map(({ why }) => why)),
  )
  t.equal(said.length, outcomes.length)
  const { state } = await jsm.streams.info(STREAMS.steps.name, { subjects_filter: BENCH_STEPS })
  t.equal(state.messages, 0, 'what was stored is gone')
  t.strictSame(await jsm.consumers.list(STREAMS.steps.name).next(), [], 'and so is the consumer')
})
