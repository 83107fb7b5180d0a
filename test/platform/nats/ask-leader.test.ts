import { JetStreamApiError } from '@nats-io/jetstream'
import { TimeoutError } from '@nats-io/transport-node'
import t from 'tap'
import { askLeader } from '../../../services/platform/nats/ask-leader.ts'
import { ConnectionLost } from '../../../services/platform/nats/live-connection.ts'

const refusal = (code: number, err_code: number, description: string) =>
  new JetStreamApiError({ code, err_code, description })

t.test('asks again while nobody leads, and gives what the leader says', async (t) => {
  const outcomes = [new ConnectionLost(), new TimeoutError(), refusal(503, 10008, 'temporarily unavailable')]
  let asked = 0
  const answer = await askLeader(async () => {
    const outcome = outcomes[asked++]
    if (outcome) throw outcome
    return 'yes'
  })
  t.equal(answer, 'yes')
  t.equal(asked, 4)
})

t.test('a question that was lost is asked anew, and its late answer counts', async (t) => {
  let answerFirst: (answer: string) => void = () => {}
  let asked = 0
  const answer = askLeader(() => {
    if (++asked === 1)
      return new Promise<string>((resolve) => {
        answerFirst = resolve
      })
    answerFirst('the first')
    return new Promise<string>(() => {})
  })
  t.equal(await answer, 'the first')
  t.equal(asked, 2)
})

t.test('what is refused for good is told at once', async (t) => {
  let asked = 0
  const ask = async () => {
    asked++
    throw refusal(404, 10059, 'stream not found')
  }
  await t.rejects(askLeader(ask), { code: 10059 })
  t.equal(asked, 1)
})

t.test('gives up when its time is over, or nobody waits any more', async (t) => {
  const never = async () => {
    throw new TimeoutError()
  }
  await t.rejects(askLeader(never, { waitMs: 300 }), { code: 'UNAVAILABLE', message: /does not answer/ })
  await t.rejects(askLeader(never, { isOver: () => true }), { code: 'UNAVAILABLE' })
})
