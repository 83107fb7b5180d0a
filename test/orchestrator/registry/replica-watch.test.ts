import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { StreamSurvey } from '#platform/nats/cluster-survey.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { REPLICATED } from '../../../services/orchestrator/registry/provision-all.ts'
import { ReplicaWatch } from '../../../services/orchestrator/registry/replica-watch.ts'
import { quietLog } from '../../support/owner-fixture.ts'

/** Streams of which a test says how many copies there are. */
function watching(wanted = 3) {
  const clock = createManualClock()
  const lines: string[] = []
  const note = (fields: object, text: string) => void lines.push(`${text} ${JSON.stringify(fields)}`)
  const log = { ...quietLog, info: note, warn: note } as unknown as Log
  const metrics = createMetrics({ processMetrics: false })
  const state = { copies: {} as Partial<StreamSurvey>, isReporter: true, silent: [] as string[] }
  let raised = 0
  const survey = async (name: string) => {
    if (state.silent.includes(name)) throw new MurmurError('UNAVAILABLE', 'JetStream does not answer')
    const sound = { name, replicas: 3, current: 3, behind: [] }
    return { ...sound, ...(name === 'LOG' && state.copies) } as unknown as StreamSurvey
  }
  const watch = new ReplicaWatch({
    ...{ clock, log, metrics, wanted },
    bus: { connected: true, survey: { stream: survey } },
    isReporter: () => state.isReporter,
    raise: async () => void raised++,
  })
  watch.start()
  const pass = async () => {
    await clock.whenSleeping()
    await clock.advance(5000)
    await clock.whenSleeping()
  }
  return { watch, state, lines, metrics, pass, clock, raised: () => raised }
}

t.test('says what is missing, once, and that all is there again', async (t) => {
  const { watch, state, lines, pass } = watching()
  await pass()
  t.strictSame(lines, ['every stream has its copies {"copies":3}'])
  state.copies = { current: 2, behind: ['n3'] }
  await pass()
  await pass()
  t.strictSame(lines.slice(1), [
    'copies of streams are missing or behind {"missing":["LOG 2 of 3, behind or away: n3"]}',
  ])
  state.copies = {}
  await pass()
  t.match(lines.at(-1), /^every stream/)
  await watch.stop()
})

t.test('shows both numbers, if it is the one that tells', async (t) => {
  const { watch, state, metrics, pass } = watching()
  state.copies = { current: 1, replicas: 1 }
  await pass()
  const text = await metrics.expose()
  t.match(text, /murmur_stream_replicas\{stream="LOG"\} 1\n/)
  t.match(text, /murmur_stream_replicas_wanted\{stream="LOG"\} 3\n/)
  t.equal(text.match(/murmur_stream_replicas\{/g)?.length, REPLICATED.length)
  state.isReporter = false
  t.notMatch(await metrics.expose(), /murmur_stream_replicas\{/)
  await watch.stop()
})

t.test('a stream that nobody answers for has no leader; the others are told all the same', async (t) => {
  const { watch, state, metrics, lines, pass } = watching()
  state.silent = ['STEPS']
  await pass()
  t.match(lines.at(-1), /STEPS 0 of 3, without a leader/)
  const text = await metrics.expose()
  t.match(text, /murmur_stream_replicas\{stream="STEPS"\} 0\n/)
  t.match(text, /murmur_stream_replicas\{stream="LOG"\} 3\n/)
  state.silent = []
  await pass()
  t.match(lines.at(-1), /^every stream/)
  await watch.stop()
})

t.test('where streams have fewer than are wanted it tries to give them more, once a minute', async (t) => {
  const { watch, state, pass, raised } = watching()
  state.copies = { current: 2, behind: ['n3'] }
  for (let i = 0; i < 13; i++) await pass()
  t.equal(raised(), 0, 'one that is behind gets there by itself')
  state.copies = { current: 1, replicas: 1 }
  for (let i = 0; i < 12; i++) await pass()
  t.equal(raised(), 1)
  await watch.stop()
})
