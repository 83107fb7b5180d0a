import t from 'tap'
import { EventInbox } from '../../../services/orchestrator/partition/event-inbox.ts'
import { encodeResultBatch } from '../../../services/platform/json/result-batch.ts'

t.test('the inbox gives what is there, in order, up to a bound', async (t) => {
  const inbox = new EventInbox()
  const event = (seq: number) => ({ subject: '', data: new Uint8Array(), seq, storedAtMs: 0 })
  const waiting = inbox.take(10)
  inbox.push(event(1))
  inbox.push(event(2))
  t.strictSame(
    (await waiting).map(({ seq }) => seq),
    [1, 2],
  )
  for (let seq = 3; seq < 8; seq++) inbox.push(event(seq))
  t.strictSame(
    (await inbox.take(3)).map(({ seq }) => seq),
    [3, 4, 5],
  )
  t.equal(inbox.size, 2)
  inbox.close()
  t.strictSame(await inbox.take(3), [], 'nothing more after the end')
  const empty = new EventInbox()
  const never = empty.take(1)
  empty.close()
  t.strictSame(await never, [])
})

t.test('a batch of results counts as so many events, and stays whole', async (t) => {
  const inbox = new EventInbox()
  const message = (seq: number, results: number) => ({
    ...{ subject: '', seq, storedAtMs: 0 },
    data: Buffer.from(encodeResultBatch(Array.from({ length: results }, () => '{}'))),
  })
  const room = inbox.room
  for (const [i, results] of [3, 5, 1, 60].entries()) inbox.push(message(i + 1, results))
  t.equal(inbox.size, 69)
  t.equal(inbox.room, room - 69)
  const seqsOf = (batch: { seq: number }[]) => batch.map(({ seq }) => seq)
  t.strictSame(seqsOf(await inbox.take(4)), [1, 2], 'up to the end of the message with the fourth')
  t.equal(inbox.size, 61)
  t.strictSame(seqsOf(await inbox.take(1)), [3])
  t.strictSame(seqsOf(await inbox.take(1)), [4], 'one at least')
  t.strictSame([inbox.size, inbox.room], [0, room])
})
