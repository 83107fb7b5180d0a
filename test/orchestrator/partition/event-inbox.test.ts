import t from 'tap'
import { EventInbox } from '../../../services/orchestrator/partition/event-inbox.ts'

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
